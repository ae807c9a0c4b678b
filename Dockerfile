# One process of the app; compose.yaml and deploy/kubernetes.yaml run several behind HAProxy.
FROM python:3.11-slim

RUN useradd --create-home app
WORKDIR /srv/app

COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt

COPY app.py pyproject.toml ./
COPY .streamlit .streamlit
COPY assets assets
COPY pages pages
COPY softmax_core softmax_core
RUN python -m compileall -q .

USER app
EXPOSE 8501
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501"]
