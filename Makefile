# make install | run | demo | intake | test | soak | check | fix | train   (Python 3.11 or newer is all that must be there)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: install install-dev run demo intake test soak check fix train clean

install: $(VENV)/.serving

run: install
	@$(BIN)/triage serve

demo: install
	@$(BIN)/triage demo

intake: $(VENV)/.intake
	@$(BIN)/python -m examples.intake

install-dev: $(VENV)/.dev

test: install-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup --durations=20

soak: install-dev
	$(BIN)/triage bench soak --output evaluation/results/soak.json
	TRIAGE_KILLS=50 $(BIN)/python -m pytest -n 0 tests/faults/test_kills.py

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

fix: install-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train: install-dev
	$(BIN)/triage train all

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist *.egg-info

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; run: make PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.serving: $(VENV)/.python pyproject.toml constraints.txt
	@echo "Installing the service into $(VENV) (about a minute, nearly all of it downloads)…"
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.python pyproject.toml constraints.txt
	@echo "Installing everything that training and tests need into $(VENV) (a few minutes, about 6 GB)…"
	@$(PIP) install --constraint constraints.txt --editable '.[train,cluster,dev]'
	@touch $@ $(VENV)/.serving

$(VENV)/.intake: $(VENV)/.serving clients/python/pyproject.toml
	@$(PIP) install --constraint constraints.txt --editable clients/python
	@touch $@
