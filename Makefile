# Everything runs in .venv; `make setup` makes it, and every other target calls that first.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.setup-done
LAYERS := tests/test_layers.py tests/test_documentation.py

.PHONY: help setup demo test check bench lock texts screenshots
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Install the locked packages and this one into .venv

$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: setup ## Run a central system with virtual stations that charge
	$(BIN)/chargeplane demo

test: setup ## Run the whole test suite; warnings are errors
	$(BIN)/pytest --numprocesses 2

check: setup ## Check format, lint, types, layers, generated files and documentation
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python tools/generate_wire.py --check
	$(BIN)/python tools/conformance.py --check
	$(BIN)/python tools/texts.py --check
	$(BIN)/pytest --quiet $(LAYERS)

bench: setup ## Measure speed and write docs/benchmarks.md
	$(BIN)/python -m benchmarks

texts: setup ## Bring the catalogues of the web pages up to date, to be translated
	$(BIN)/python tools/texts.py

screenshots: setup ## Take pictures of every web page into docs/screenshots
	$(BIN)/python tools/screenshots.py

# Exact versions with hashes, and no line that names where they come from.
lock: setup ## Choose the newest versions allowed and write requirements.lock
	$(BIN)/pip-compile --quiet --upgrade --all-extras --allow-unsafe --strip-extras \
	    --generate-hashes --no-build-isolation --no-annotate --no-header --no-emit-options \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	    --output-file requirements.lock pyproject.toml
