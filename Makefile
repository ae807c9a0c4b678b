# make run        the app, at http://localhost:8501
# make serve N=4  four processes behind HAProxy, at http://localhost:8501 (or PORT=…)
# make check      lint, format, types, and every test that needs no browser, in a minute and a half
# make test       the same with all tests; finds or fetches a Chromium for those in a browser
# make fuzz       200,000 hostile inputs, none of which may break, lie, or cost much
# make attack     what one visitor can do to the others, measured; make soak: a busy hour in short
# make benchmark  the table of measurements
# make mutate     changes the core in thousands of ways and lists those that no test notices; hours,
#                 or less for a part: make mutate OF='softmax_core.model*'
# make screenshots  every page at three sizes in both themes, into build/screenshots
# make docs       the public API as HTML in build/docs
# make data       the shipped digits from their raw files; make models: the shipped weights

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run serve check test static mutate docs screenshots benchmark data models fuzz attack soak

run: .venv/app
	$(BIN)/streamlit run app.py

serve: .venv/app
	$(BIN)/python deploy/serve.py --processes $(or $(N),2) --bind :$(or $(PORT),8501)

check: static
	$(BIN)/python -m pytest -n 2 --dist loadgroup --ignore tests/browser -m "not slow"

test: static .venv/chromium
	CHROMIUM="$$(cat .venv/chromium)" $(BIN)/python -m pytest -n 2 --dist loadgroup

static: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fuzz: .venv/dev
	$(BIN)/python -m tests.fuzz

attack: .venv/dev
	$(BIN)/python -m tests.attacks

soak: .venv/dev
	$(BIN)/python -m tests.attacks.soak

benchmark: .venv/dev .venv/chromium
	CHROMIUM="$$(cat .venv/chromium)" $(BIN)/python -m tests.benchmarks

mutate: .venv/dev
	OPENBLAS_NUM_THREADS=1 $(BIN)/mutmut run --max-children 2 $(OF)
	$(BIN)/mutmut results

screenshots: .venv/dev .venv/chromium
	CHROMIUM="$$(cat .venv/chromium)" $(BIN)/python -m tests.browser.screenshot all

docs: .venv/dev
	$(BIN)/python -m tests.docs

data: .venv/dev
	$(BIN)/python -m softmax_core.datasets build

models: .venv/app
	$(BIN)/python -m softmax_core.train_models

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/app: .venv/bin/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

# What was installed is compiled by all processors, which pip does by one; a package may hold files
# that can't be.
.venv/dev: .venv/bin/python requirements.txt requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements-dev.txt
	-$(BIN)/python -m compileall -qq -j 0 $(CURDIR)/.venv/lib
	touch $@

# The path of a Chromium: one of the system, else Playwright's own, else the distribution's.
.venv/chromium: .venv/dev
	$(BIN)/python -m tests.browser.chromium > $@.found && mv $@.found $@
