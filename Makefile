# make demo · make test · make check · make test-long · make bench · make install · make serve · make words · make lock
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.PHONY: install demo serve test test-long check bench words lock browser networks

PY := .venv/bin/python
# Installers talk to stderr: with ARGS=--json, stdout is one line and nothing else.
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps

install: .venv/run.stamp

demo: .venv/run.stamp
	@exec $(PY) -m server demo $(ARGS)

serve: .venv/run.stamp
	@exec $(PY) -m server serve $(ARGS)

# The first Python that runs, is new enough and can make environments: a name on the path may be an empty shim,
# and Debian ships python3 without ensurepip.
.venv/made.stamp:
	@found=; lame=
	for python in python3 python3.13 python3.12 python3.11 python3.14; do
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
	  if $$python -c 'import ensurepip, venv' 2>/dev/null; then found=$$python; break; fi
	  lame=$${lame:-$$python}
	done
	if [ -z "$$found" ] && [ -n "$$lame" ]; then
	  echo "$$lame cannot make environments: install its venv package (Debian: apt-get install python3-venv)." >&2; exit 1
	fi
	if [ -z "$$found" ]; then echo "Bedside needs Python 3.11 or newer." >&2; exit 1; fi
	$$found -m venv .venv >&2
	# `.venv/bin/python -m server …` works from any folder: a clinic's own folder holds its settings and data, not the code.
	echo "$(CURDIR)" > "$$(echo .venv/lib/python3.*/site-packages)/bedside.pth"
	touch $@

.venv/run.stamp: requirements/run.txt .venv/made.stamp
	@echo "Installing what the server needs…" >&2
	$(INSTALL) -r requirements/run.txt >&2
	touch $@

.venv/test.stamp: requirements/test.txt .venv/made.stamp
	@echo "Installing what the tests need…" >&2
	$(INSTALL) -r requirements/test.txt >&2
	touch $@ .venv/run.stamp

# An installed Chromium or Chrome; else Debian's package; else the one Playwright can fetch. Beside it, where Debian has
# it, the same one without windows, in which most of the tests are a good deal faster.
browser: .venv/test.stamp
	@real() { command -v chromium chromium-browser google-chrome google-chrome-stable; }
	if { real && command -v chromium-headless-shell; } >/dev/null; then exit 0; fi
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	  apt-get update -qq >&2
	  real >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >&2 || true
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-headless-shell >&2 || true
	fi
	real >/dev/null || $(PY) -m playwright install chromium >&2

# make test ARGS="tests/http -k book" narrows it down.
test: .venv/test.stamp browser
	@exec $(PY) -m pytest -n 2 --dist loadfile $(or $(ARGS),tests -m 'not long')

# What takes minutes: tests/long, and what is marked `long` elsewhere. A test that cannot run here says why.
test-long: .venv/test.stamp browser networks
	@exec $(PY) -m pytest -rs $(or $(ARGS),tests -m long)

# Networks of our own, with routers that drop packets, a TURN server and a second kind of browser; without them those
# tests are skipped.
networks:
	@if ! { command -v nft && command -v ip && command -v turnserver && command -v firefox-esr; } >/dev/null \
	  && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	  apt-get update -qq >&2
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nftables iproute2 coturn firefox-esr >&2
	fi

# Every gate runs, so that one look shows all there is to mend.
check: .venv/test.stamp
	@bad=
	gate() { local name=$$1; shift; if "$$@"; then echo "$$name: good"; else bad="$$bad $$name"; fi; }
	quietly() { local said; said=$$("$$@" 2>&1) || { echo "$$said"; return 1; }; }
	gate format .venv/bin/ruff format --quiet --check .
	gate lint .venv/bin/ruff check --quiet .
	gate types .venv/bin/mypy --no-error-summary
	gate imports quietly .venv/bin/lint-imports --no-logo
	gate house $(PY) -m pytest --quiet tests/house
	if [ -n "$$bad" ]; then echo "not good:$$bad" >&2; exit 1; fi

# make bench runs every benchmark in bench/, make bench NAME=x one of them.
bench: .venv/test.stamp
	@exec $(PY) -m bench $(NAME)

# Brings every language's catalogue up to date with the sentences in templates/ and server/, and says what is left to
# translate. The server reads the .po files as they are; nothing is compiled.
words: .venv/test.stamp
	@found=$$(mktemp); trap 'rm -f "$$found"' EXIT
	.venv/bin/pybabel -q extract -F templates/locale/babel.cfg -k N_ --no-location --sort-output --omit-header -o $$found .
	for catalogue in templates/locale/*/LC_MESSAGES/messages.po; do
	  language=$$(basename $$(dirname $$(dirname $$catalogue)))
	  .venv/bin/pybabel -q update -i $$found -o $$catalogue -l $$language --no-fuzzy-matching --ignore-obsolete \
	    --ignore-pot-creation-date
	  sed -i '/EMAIL@ADDRESS\|li\.org\|YEAR-MO-DA/d' $$catalogue
	  .venv/bin/pybabel compile --statistics -i $$catalogue -o /dev/null 2>&1 | head -1
	done

# Needs uv. Pins every dependency with its hashes, for every platform.
lock:
	@cd requirements
	for name in run test; do
	  uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	    --no-emit-find-links --custom-compile-command "make lock" $$name.in -o $$name.txt
	done
