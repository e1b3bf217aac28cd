# Everything a developer or a runner does here; `make` alone lists it.
# Nothing but Python 3.11 or newer, git and make need be there first.

PORT ?= 8080
DATA_DIR ?= var/demo
RUN_ARGS ?=
TEST_ARGS ?=
# Else each of the many processes that tests start would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
# Each process starts a PostgreSQL and a Valkey of its own. One more than there are cores: many tests wait.
TEST_PROCESSES := $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -lt 3 ] && echo $$((n + 1)) || echo 4)

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
LOCKS := config/requirements
# Locked: exactly the versions and files named, checked by hash, never built from source.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-input
PIP_LOCKED := $(PIP_INSTALL) --require-hashes --only-binary :all:
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --exclude-newer "1 week" --no-emit-index-url --no-header pyproject.toml

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install install-dev chromium proxies run test check audit bench screenshots format lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## make .venv/ with what running takes; leaves .venv/bin/authsvc
install-dev: $(VENV)/.installed-dev chromium proxies ## the same, and what tests and checks take

# The demo shall end with make, should make be killed.
run: install ## start the demo with its own PostgreSQL and Valkey (PORT=8080 DATA_DIR=var/demo RUN_ARGS=--tls)
	@exec $$(command -v setpriv >/dev/null && echo setpriv --pdeathsig TERM --) $(BIN)/authsvc demo --port $(PORT) --data-dir $(DATA_DIR) $(RUN_ARGS)

test: install-dev ## run all tests and judge their coverage (TEST_ARGS="tests/login -k refresh")
	@$(BIN)/coverage erase
	$(BIN)/pytest --numprocesses $(TEST_PROCESSES) --dist loadscope --no-loadscope-reorder --cov --cov-report= $(TEST_ARGS)
ifeq ($(strip $(TEST_ARGS)),)
	$(BIN)/coverage report --fail-under=90
ifneq ($(wildcard authsvc/*/rules.py authsvc/*/service.py),)
	@echo "Rules and services, where a branch without a test is a rule without a proof:"
	$(BIN)/coverage report --include='authsvc/*/rules.py,authsvc/*/service.py' --fail-under=97
endif
endif

check: install-dev ## formatter, linter, strict types, import boundaries, known holes in what is locked
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m tests.advisories.audit --if-reachable

audit: install-dev ## compare what is locked with known advisories (ADVISORIES=folder of OSV files, else osv.dev)
	@$(BIN)/python -m tests.advisories.audit $(if $(ADVISORIES),--advisories $(ADVISORIES))

bench: install-dev ## measure most of what docs/performance.md tells (it names the rest); wants two quiet cores, wrk and ten minutes
	@$(PIP_LOCKED) -r $(LOCKS)/bench.txt
	$(BIN)/python -m bench

screenshots: install-dev ## make the pictures in docs/screenshots/ anew, of a demo of its own
	$(BIN)/python -m tests.browser.screenshots

format: install-dev ## format the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# A release that is bad or stolen is mostly found out within days: none younger than a week is taken.
# One resolution (test.txt, which holds everything) binds the others, so that no two files name different versions.
lock: install-dev ## renew the locked versions in config/requirements/ from pyproject.toml
	$(COMPILE) --extra server --upgrade --group embedded --group build --group test --output-file $(LOCKS)/test.txt
	$(COMPILE) --extra server --constraints $(LOCKS)/test.txt --upgrade --group embedded --group build --output-file $(LOCKS)/embedded.txt
	$(COMPILE) --extra server --constraints $(LOCKS)/test.txt --upgrade --output-file $(LOCKS)/runtime.txt
	$(COMPILE:pyproject.toml=) --constraints $(LOCKS)/test.txt --upgrade --group pyproject.toml:build --output-file $(LOCKS)/build.txt
	$(COMPILE:pyproject.toml=) --constraints $(LOCKS)/test.txt --upgrade --group pyproject.toml:bench --output-file $(LOCKS)/bench.txt

# The browser of tests/browser comes from Debian: nothing that a test runs is downloaded by it. Only those tests need
# it, so whoever may not install it can still do everything else.
chromium:
	@if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Debian's chromium, which the tests of the admin pages drive"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null || exit 1; \
	  else \
	    echo "There is no Chromium, so tests/browser will fail. On Debian: sudo apt-get install chromium" >&2; \
	  fi; \
	fi

# So do the proxies of tests/proxies. Debian starts what it installs, which nobody asked for here.
proxies:
	@missing=""; for name in nginx caddy haproxy; do \
	  PATH="$$PATH:/usr/sbin" command -v $$name >/dev/null || missing="$$missing $$name"; \
	done; \
	packages=$$(echo $$missing | sed 's/nginx/nginx-light/'); \
	if [ -n "$$packages" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Debian's $$packages, which tests run the documented configurations with"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $$packages >/dev/null || exit 1; \
	  else \
	    echo "There is no$$missing, so tests/proxies and tests/storefront/test_nginx.py will fail. On Debian: sudo apt-get install $$packages" >&2; \
	  fi; \
	fi

clean: ## remove .venv/ and all caches; data under var/ stays
	rm -rf $(VENV) build dist htmlcov .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find authsvc tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# The last file that a new virtual environment gets, so that a half made one is made again.
# Debian keeps the module that puts pip into a virtual environment in a package of its own.
$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "authsvc needs Python 3.11 or newer: install python3 and run make again." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "authsvc needs Python 3.11 or newer; $(PYTHON) is older. Name another: make PYTHON=/path/to/python3" >&2; exit 1; }
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Debian's python3-venv, which this Python lacks"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null || exit 1; \
	  else \
	    echo "This Python cannot make virtual environments. On Debian: sudo apt-get install python3-venv; then run make again." >&2; exit 1; \
	  fi; \
	fi
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(LOCKS)/embedded.txt pyproject.toml | $(BIN)/pip
	@echo "Installing the locked dependencies into $(VENV)/"
	@$(PIP_LOCKED) -r $(LOCKS)/embedded.txt
	@$(PIP_INSTALL) --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(LOCKS)/test.txt $(VENV)/.installed
	@echo "Installing what tests and checks take"
	@$(PIP_LOCKED) -r $(LOCKS)/test.txt
	@touch $@
