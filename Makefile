# make demo · make test · make check · make test-long · make bench · make serve · make words · make lock
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.PHONY: demo serve test test-long check bench words lock browser

PY := .venv/bin/python
# Installers talk to stderr: with ARGS=--json, stdout is one line and nothing else.
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps

demo: .venv/run.stamp
	@exec $(PY) -m server demo $(ARGS)

serve: .venv/run.stamp
	@exec $(PY) -m server serve $(ARGS)

# The first Python that runs and is new enough: a name on the path may be an empty shim.
.venv/made.stamp:
	@for python in python3 python3.13 python3.12 python3.11 python3.14; do
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi
	done
	if [ -z "$${found:-}" ]; then echo "Bedside needs Python 3.11 or newer." >&2; exit 1; fi
	if ! $$found -m venv .venv >&2; then
	  echo "This Python cannot make environments: install its venv package (Debian: python3-venv)." >&2; exit 1
	fi
	touch $@

.venv/run.stamp: requirements/run.txt .venv/made.stamp
	@echo "Installing what the server needs…" >&2
	$(INSTALL) -r requirements/run.txt >&2
	touch $@

.venv/test.stamp: requirements/test.txt .venv/made.stamp
	@echo "Installing what the tests need…" >&2
	$(INSTALL) -r requirements/test.txt >&2
	touch $@ .venv/run.stamp

# An installed Chromium or Chrome; else Debian's package; else the one Playwright can fetch.
browser: .venv/test.stamp
	@if command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null; then exit 0; fi
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >&2 && exit 0
	fi
	$(PY) -m playwright install chromium >&2

# make test ARGS="tests/http -k book" narrows it down.
test: .venv/test.stamp browser
	@$(PY) -m pytest -n 2 --dist loadfile $(or $(ARGS),tests --ignore tests/long)

test-long: .venv/test.stamp browser
	@$(PY) -m pytest -rs $(or $(ARGS),tests/long)

check: .venv/test.stamp
	@.venv/bin/ruff format --check --quiet . && echo "format: good"
	.venv/bin/ruff check --quiet . && echo "lint: good"
	.venv/bin/mypy --no-error-summary server webrtc scheduling && echo "types: good"
	.venv/bin/lint-imports --no-logo > /dev/null || .venv/bin/lint-imports && echo "imports: good"
	$(PY) -m pytest -q tests/house

bench: .venv/test.stamp
	@$(PY) -m bench $(NAME)

words: .venv/test.stamp
	@.venv/bin/pybabel -q extract -F templates/locale/babel.cfg -k N_ --no-location --sort-output \
	  --project Bedside --copyright-holder Bedside -o templates/locale/messages.pot .
	.venv/bin/pybabel -q update --no-fuzzy-matching --ignore-pot-creation-date -i templates/locale/messages.pot -d templates/locale

# Needs uv. Pins every dependency with its hashes, for every platform.
lock:
	@cd requirements
	for name in run test; do
	  uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	    --no-emit-find-links --custom-compile-command "make lock" $$name.in -o $$name.txt
	done
