# mmcourse. `make` lists what there is; any make from 3.81 on will do.

VENV   := .venv
PY     := $(VENV)/bin/python
READY  := $(VENV)/.mmcourse-ready
# The Python that makes the environment: `make setup PYTHON=/path/to/python3`
PYTHON ?=
# Gigabytes that must be free before torch is installed (on Linux it brings its CUDA libraries): `make setup NEED_GB=0`
NEED_GB ?= $(if $(filter Linux,$(shell uname -s)),10,4)
# Passed on to the command: `make lab ARGS=--no-browser`, `make test ARGS="-k fetch"`
ARGS   ?=

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

.DEFAULT_GOAL := help
.PHONY: help setup lab test test-all test-oldest lint results build bench clean

help:
	@echo "make lab      open JupyterLab on the course's first page  (ARGS=--no-browser on a machine without a screen)"
	@echo "make test     lint, and run the tests                     (ARGS=\"-k fetch\" runs some of them)"
	@echo "make setup    only install: the course and all it needs, into $(VENV)"
	@echo "make lint     ruff, mypy and the order of imports"
	@echo "make test-all     also the tests that are long: all seeds of what is trained"
	@echo "make test-oldest  the library's and the bank's tests, with the oldest versions that pyproject.toml allows"
	@echo "make build    for authors: build the notebooks from source/"
	@echo "make results  for authors: compute the results over seeds (ARGS=00 for one lesson)"
	@echo "make bench    for authors: what is written by hand beside torch's own, and how fast data come"
	@echo "make clean    remove caches and build products; keeps $(VENV) and your work"

setup: $(READY)
	@echo "The course is installed in $(VENV)."

lab: $(READY)
	@echo "Opening JupyterLab. Ctrl-C here closes it."
	@$(VENV)/bin/mmcourse lab $(ARGS)

lint: $(READY)
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check --quiet . && $(VENV)/bin/lint-imports --no-cache && $(VENV)/bin/mypy

TESTS := -m pytest -n auto --maxprocesses 4 --dist worksteal

# Some of the tests are run without the linters.
test: $(READY) $(if $(ARGS),,lint)
	@echo "Running the tests, one process a core (at most four)."
	@OMP_NUM_THREADS=1 $(PY) $(TESTS) $(ARGS)

test-all: $(READY) lint
	@echo "Running all tests, those that are long among them, one process a core (at most four)."
	@OMP_NUM_THREADS=1 $(PY) $(TESTS) -m "" $(ARGS)

# In an environment of its own, which uv makes anew each time.
OLDEST := build/oldest
test-oldest: $(READY)
	@rm -rf $(OLDEST)
	@$(VENV)/bin/uv venv --quiet --seed --python $(PY) $(OLDEST)
	@echo "Installing the oldest versions that pyproject.toml allows into $(OLDEST). torch alone takes some minutes."
	@$(VENV)/bin/uv pip install --quiet --python $(OLDEST)/bin/python --resolution lowest-direct -e ".[dev]"
	@echo "Running the tests of the library and the bank with them."
	@OMP_NUM_THREADS=1 $(OLDEST)/bin/python $(TESTS) -m "not slow and not long and not browser" $(ARGS)

results: $(READY)
	@$(VENV)/bin/mmcourse results $(ARGS)

build: $(READY)
	@$(VENV)/bin/mmcourse build $(ARGS)

bench: $(READY)
	@for one in operations fusions data; do $(PY) benchmarks/$$one.py || exit 1; echo; done

clean:
	rm -rf build dist report .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
	find . -path ./$(VENV) -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -prune -exec rm -rf {} +

# Made when it is missing, and again when what it was made from has changed. Stopped half-way, it goes on from there.
$(READY): pyproject.toml constraints.txt Makefile
	@rm -f $@
	@if [ -x $(PY) ] && $(PY) -c '$(NEW_ENOUGH)' 2>/dev/null && $(PY) -m pip --version >/dev/null 2>&1; then \
	  echo "Bringing $(VENV) up to date."; \
	else \
	  python=""; \
	  for one in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3 python); do \
	    if "$$one" -c '$(NEW_ENOUGH)' >/dev/null 2>&1; then python="$$one"; break; fi; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "The course needs Python 3.11 or newer, and $(if $(PYTHON),$(PYTHON) is not one,none was found on this machine)."; \
	    echo "Install one, or name it: make setup PYTHON=/path/to/python3.11"; \
	    exit 1; \
	  fi; \
	  echo "Making a virtual environment in $(VENV) with $$("$$python" -c 'import platform, sys; print("Python", platform.python_version(), "at", sys.executable)')."; \
	  if ! "$$python" -m venv --clear $(VENV); then \
	    rm -rf $(VENV); \
	    echo "The virtual environment could not be made: pip's last words stand above."; \
	    echo "On Debian and Ubuntu, install the package python3-venv, then run make again."; \
	    exit 1; \
	  fi; \
	fi
	@free=$$(df -Pk . | awk 'NR == 2 { print int($$4 / 1000000) }'); \
	if ! $(PY) -c 'import importlib.metadata as m; m.version("torch")' 2>/dev/null && [ "$$free" -lt $(NEED_GB) ]; then \
	  echo "There are $$free GB free here, and installing torch takes about $(NEED_GB) GB. Make room, then run make again"; \
	  echo "(make setup NEED_GB=0 tries all the same; a torch without CUDA takes about 1 GB)."; \
	  exit 1; \
	fi
	@echo "Installing the course and what it needs, by constraints.txt. The first time, torch alone takes some minutes."
	@quiet=$$($(PY) -c 'import importlib.metadata as m; m.version("torch"); print("--quiet")' 2>/dev/null); \
	$(PY) -m pip install $$quiet --disable-pip-version-check -c constraints.txt -e ".[dev]" || { \
	  echo; \
	  echo "pip could not install everything: its reason stands above. Is this machine online, and is the disk not full?"; \
	  echo "Run make again when that is mended; what was downloaded is kept."; \
	  exit 1; \
	}
	@touch $@
