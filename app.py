"""The app: `streamlit run app.py`. The pages are in `pages/`, what they show in `softmax_core/`."""

from pages.ui.session import navigation

navigation().run()
