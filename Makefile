# Budgeomètre: `make run` serves it, `make test` checks it, `make help` lists the rest.
#
# All that is made lies in .bootstrap, .venv, node_modules and var. Packages are installed again
# only when their lock file has changed: the stamps in their folders know.

SHELL := /bin/sh
.DEFAULT_GOAL := help
# In the order they are written: what is installed first is needed by what comes next.
.NOTPARALLEL:
.DELETE_ON_ERROR:

PORT ?= 8000
PYTHON_STAMP := .venv/.installed
NODE_STAMP := node_modules/.installed
PY := .venv/bin/python
MANAGE := $(PY) manage.py

# Everything here is for development: without DEBUG the settings ask for a production's secrets.
export DEBUG := 1
# uv is to use this checkout's environment, whichever is active in the shell.
export UV_PROJECT_ENVIRONMENT := .venv
unexport VIRTUAL_ENV
# Caches are where uv, npm and Playwright have them, except for a user without a home.
ifeq ($(shell test -n "$$HOME" && test -w "$$HOME" && echo yes),)
export UV_CACHE_DIR := $(CURDIR)/var/cache/uv
export npm_config_cache := $(CURDIR)/var/cache/npm
export PLAYWRIGHT_BROWSERS_PATH := $(CURDIR)/var/cache/browsers
endif
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/var/cache/hypothesis

UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .bootstrap/bin/uv)

# --- For people -------------------------------------------------------------------------------

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  PORT=8123 make run       takes another port"
	@echo "  DATABASE_URL=… make run  takes another PostgreSQL than the embedded one"

.PHONY: run
run: free-port install translations ## serve the site with a demonstration household
	@DEMO=1 $(MANAGE) serve $(PORT)

.PHONY: test
test: install translations lint checks browser programs ## run every check and test
	@echo "== tests"
	@$(PY) -m pytest -n 2 --cov --cov-report=term:skip-covered

.PHONY: check-deploy
check-deploy: install translations programs ## build and run what an operator gets: image, compose, cluster
	@$(PY) -m pytest -n 2 --dist loadfile tests/deploy

.PHONY: bench
bench: install translations ## time the pages of 100,000 transactions against those of 1,000
	@$(PY) -m tests.bench.pages

.PHONY: bench-import
bench-import: install translations ## time a bank's file of 100,000 lines on its way into the ledger
	@$(PY) -m tests.bench.imports

.PHONY: bench-capacity
bench-capacity: install translations ## measure what a line, a page, a write and a backup cost
	@$(PY) -m tests.bench.capacity

.PHONY: bench-memory
bench-memory: install translations ## measure what memory the site takes on a small machine
	@$(PY) -m tests.bench.memory

.PHONY: fuzz
fuzz: install translations ## look ten minutes for a bank file that a reader fails on
	@mkdir -p var/fuzz
	@$(UV) run --group fuzz python -m tests.fuzz.fuzz_readers -max_total_time=600 \
		-artifact_prefix=var/fuzz/ var/fuzz tests/imports/examples

.PHONY: lint
lint: install ## check formatting, style, templates and types
	@echo "== formatting and style"
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/djlint templates --lint --quiet
	@.venv/bin/djlint templates --check
	@echo "== types"
	@.venv/bin/mypy

.PHONY: format
format: install ## format code and templates, and mend what can be mended
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .
	@if [ -n "$(TEMPLATES)" ]; then .venv/bin/djlint templates --reformat --quiet; fi

.PHONY: migrate
migrate: install ## bring the database's tables up to date
	@$(MANAGE) migrate

.PHONY: seed
seed: migrate translations ## make the demonstration household
	@DEMO=1 $(MANAGE) seed_demo

.PHONY: clear
clear: migrate ## remove the demonstration household
	@DEMO=1 $(MANAGE) clear_demo

.PHONY: superuser
superuser: migrate ## make an administrator
	@$(MANAGE) createsuperuser

.PHONY: messages
messages: install ## collect the texts to translate into the catalogues
	@$(MANAGE) messages

.PHONY: shell
shell: install ## open a Python shell with the models at hand
	@$(MANAGE) shell

# --- What these need --------------------------------------------------------------------------

TEMPLATES := $(shell find templates -name '*.html' 2>/dev/null | head -n 1)
CATALOGUES := $(wildcard budget/locale/*/LC_MESSAGES/django.po)

.PHONY: install
install: $(PYTHON_STAMP) $(NODE_STAMP)

.PHONY: translations
translations: install $(CATALOGUES:.po=.mo)

# Babel's compiler, because GNU gettext may not be there.
%.mo: %.po
	@.venv/bin/pybabel --quiet compile --input-file=$< --output-file=$@

.PHONY: browser
browser: install
	@$(PY) -m tests.e2e.browser

# The servers and builders that some tests run for real; a test without its program skips.
.PHONY: programs
programs: install
	@$(PY) -m tests.programs

# Django's own checks, in the settings a production has. They need a database to look at, but
# must not have the embedded server's settings: so it is given to them as any other would be.
.PHONY: checks
checks: install
	@echo "== migrations and production settings"
	@$(MANAGE) makemigrations --check --dry-run
	@SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') \
		$(PY) -m budget.core.embedded run \
		env -u DEBUG $(MANAGE) check --deploy --database default --fail-level WARNING

# Before the installation, which takes its time; `manage.py serve` looks once more.
define CHECK_PORT
import errno, socket, sys
probe = socket.socket()
probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    probe.bind(("127.0.0.1", int(sys.argv[1])))
except (OSError, OverflowError, ValueError) as error:
    taken = getattr(error, "errno", None) == errno.EADDRINUSE
    why = "is taken" if taken else "cannot be used (%s)" % error
    sys.exit("Port %s %s. Choose another: PORT=8123 make run" % (sys.argv[1], why))
endef
export CHECK_PORT

.PHONY: free-port
free-port:
	@python3 -c "$$CHECK_PORT" '$(PORT)'

# A Python for uv: of each version first the one in PATH, then pyenv's. Each is run, because a
# pyenv shim is in PATH even where it leads nowhere, and those without a lock (abiflags "t") lack
# some packages. Where there is none, uv finds or fetches it.
define FIND_PYTHON
find_python() {
  for version in 3.13 3.12; do
    for each in "python$$version" "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$$version*/bin/python3; do
      "$$each" -c 'import sys; "%d.%d" % sys.version_info[:2] == sys.argv[1] or sys.exit(1); \
        "t" in sys.abiflags and sys.exit(1); print(sys.executable)' $$version 2>/dev/null && return
    done
  done
  echo "$$1"
}
endef
export FIND_PYTHON

# An environment names its folder in each of its programs: in a copied or moved checkout they
# would run the other one's. So the stamp holds the place, and another place is another environment.
PLACE := $(shell cat $(PYTHON_STAMP) 2>/dev/null)
ifneq ($(PLACE)$(wildcard .venv/bin/python),$(CURDIR).venv/bin/python)
.PHONY: $(PYTHON_STAMP)
endif

$(PYTHON_STAMP): pyproject.toml uv.lock .python-version | $(UV)
	@echo "== Python packages"
	@place="$$(cat $@ 2>/dev/null)"; [ -z "$$place" ] || [ "$$place" = "$$(pwd -P)" ] || rm -rf .venv
	@eval "$$FIND_PYTHON"; python="$$(find_python 3.13)"; \
	$(UV) sync --frozen --python "$$python" || { [ "$$python" != 3.13 ] || \
	echo "No Python 3.13 or 3.12 is in PATH or in pyenv, and uv found none: install one." >&2; exit 1; }
	@pwd -P >$@

$(NODE_STAMP): package.json package-lock.json | $(PYTHON_STAMP)
	@echo "== front-end packages"
	@PATH="$$PWD/.venv/bin:$$PATH" npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

# uv itself, where there is none: with venv, which Debian packs apart from Python; else with
# pip; where that is missing too, with the copy of it that PyPI has.
define FETCH_PIP
import json, urllib.parse, urllib.request
page = "https://pypi.org/pypi/pip/json"
with urllib.request.urlopen(page) as answer:
    files = json.load(answer)["urls"]
wheel = next(file["url"] for file in files if file["packagetype"] == "bdist_wheel")
urllib.request.urlretrieve(urllib.parse.urljoin(page, wheel), ".bootstrap/pip.whl")
endef
export FETCH_PIP

.bootstrap/bin/uv:
	@echo "== uv"
	@rm -rf .bootstrap
	@eval "$$FIND_PYTHON"; python="$$(find_python python3)"; \
	if "$$python" -m venv .bootstrap >/dev/null 2>&1; then \
		.bootstrap/bin/python -m pip install --quiet uv; \
	else \
		rm -rf .bootstrap && mkdir .bootstrap && \
		if "$$python" -m pip --version >/dev/null 2>&1; then set -- -m pip; \
		else "$$python" -c "$$FETCH_PIP" && set -- .bootstrap/pip.whl/pip; fi && \
		"$$python" "$$@" install --quiet --target .bootstrap uv; \
	fi
