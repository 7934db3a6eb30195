# make setup | demo | test | test-all | check | bench | fuzz
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
CLIENTS := $(VENV)/.installed-clients
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

# tests start the command a hundred times, which is compiled once, and multiply small matrices, for which threads only wait
test test-all: export PYTHONDONTWRITEBYTECODE =
test test-all: export OPENBLAS_NUM_THREADS = 1

.PHONY: setup demo test test-all check bench fuzz clean

setup: $(STAMP)

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("nof1 needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(STAMP): $(VENV)/bin/python pyproject.toml requirements.lock
	$(PIP) -r requirements.lock
	$(PIP) --no-deps --editable .
	touch $(STAMP)

$(DEV): $(STAMP) requirements-dev.lock
	$(PIP) -r requirements-dev.lock
	touch $(DEV)

$(CLIENTS): $(DEV) requirements-clients.lock tests/clients/package-lock.json
	$(PIP) -r requirements-clients.lock
	if command -v npm > /dev/null; then cd tests/clients && npm ci --silent; fi
	touch $(CLIENTS)

demo: $(STAMP)
	$(BIN)/nof1 demo

test: $(DEV)
	$(BIN)/python -m pytest -q -m "not slow"

test-all: $(CLIENTS)
	$(BIN)/python -m pytest -q

check: $(DEV)
	$(BIN)/ruff format --check src tests tools bench
	$(BIN)/ruff check src tests tools bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/nof1 knowledge check
	$(BIN)/python tools/make_examples.py --check

bench: $(DEV)
	$(BIN)/python bench/run.py --write

fuzz: $(DEV)
	$(BIN)/python tools/fuzz.py

clean:
	rm -rf $(VENV) build dist nof1-demo nof1-report
