# make run        the app, at http://localhost:8501
# make test       lint, format and all tests; finds or fetches a Chromium for those in a browser
# make benchmark  the table of measurements
# make data       the shipped digits from their raw files; make models: the shipped weights

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test benchmark data models

run: .venv/app
	$(BIN)/streamlit run app.py

test: .venv/dev .venv/chromium
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	CHROMIUM="$$(cat .venv/chromium)" $(BIN)/python -m pytest -n 2 --dist loadgroup

benchmark: .venv/dev .venv/chromium
	CHROMIUM="$$(cat .venv/chromium)" $(BIN)/python -m tests.benchmarks

data: .venv/dev
	$(BIN)/python -m softmax_core.datasets build

models: .venv/app
	$(BIN)/python -m softmax_core.train_models

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/app: .venv/bin/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev: .venv/bin/python requirements.txt requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

# The path of a Chromium: one of the system, else Playwright's own, else the distribution's.
.venv/chromium: .venv/dev
	$(BIN)/python -m tests.browser.chromium > $@.found && mv $@.found $@
