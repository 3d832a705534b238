# `make` alone lists what there is.

PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python
PIP := $(RUN) -m pip install --quiet --disable-pip-version-check --no-compile

# Without bytecode every start would compile all it imports again, and take twice as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo run test lint format bench-ingest bench-search bench-ui browser js

help:
	@echo "make demo          serve, with an example shop that sends traces"
	@echo "make run           serve"
	@echo "make test          lint, types and every test"
	@echo "make lint          ruff, mypy, the import rule, templates"
	@echo "make format        ruff and djade rewrite what they can"
	@echo "make bench-ingest  what receiving a span costs"
	@echo "make bench-search  how long searches over 5M spans take"
	@echo "make bench-ui      how fast the trace page is"

demo: .venv/.installed
	@$(RUN) manage.py demo

run: .venv/.installed
	@$(RUN) manage.py serve

test: lint js browser
	$(RUN) -m pytest -n auto --dist loadfile

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djade --check --target-version 5.2 $$(find templates -name '*.html')

format: .venv/.installed-dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $$(find templates -name '*.html') || true

bench-ingest bench-search bench-ui: .venv/.installed-dev
	@$(RUN) manage.py $(subst -,_,$@)

# Without node these are skipped; where CI=true that is a failure.
js:
	@if command -v node > /dev/null; then \
	  echo "node --test"; node --test $$(find tests/js -name '*.test.js'); \
	elif [ "$$CI" = true ]; then \
	  echo "node is missing, which runs tests/js"; exit 1; \
	else \
	  echo "tests/js skipped: there is no node here"; \
	fi

# The browser tests say themselves what they make of a missing Chromium.
browser:
	@if [ -n "$$CHROMIUM_PATH" ] || command -v chromium chromium-browser google-chrome > /dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  echo "installing chromium for the browser tests: apt-get install chromium"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium || true; \
	else \
	  echo "no Chromium: browser tests are skipped (install chromium, or set CHROMIUM_PATH)"; \
	fi

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or later is needed; $(PYTHON) is not. Choose another: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2> /dev/null || { \
	  echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	@echo "making .venv and installing what requirements.txt pins (once, about a minute)"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: requirements.txt .venv/.made
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@$(PIP) -r requirements-dev.txt
	@touch $@
