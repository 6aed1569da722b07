# Every command of the project. `make` alone lists them.
#
# Long-running commands start with `exec`: so make's own child is the program, and a SIGTERM to make reaches it.
# Behind a shell that waits, the signal would end the shell and leave the program running.

.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
PY := .venv/bin/python
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/messages.po))

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- running

.PHONY: run demo sandbox
run: ready $(CATALOGUES) ## set up, fill in the demo once, serve on http://localhost:8000
	@exec $(PY) -m cli.run

demo: ready $(CATALOGUES) ## fill the demo stores into an empty database
	@exec $(PY) -m demo

sandbox: ready ## only the local Stripe
	@exec $(PY) -m sandbox.stripe

# --- testing

.PHONY: test test-deep check fix bench
test: ready-dev $(CATALOGUES) ## all tests: SQLite, PostgreSQL, Redis, browser   (o="--part sqlite" for some)
	@exec $(PY) -m tests.run $(o)

test-deep: ready-dev $(CATALOGUES) ## all tests and the long ones: more examples, more load
	@exec $(PY) -m tests.run --deep $(o)

check: ready-dev ## style, types and the floors, in under a minute
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m pytest -q tests/architecture tests/kit

fix: ready-dev ## what ruff can put right by itself
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: ready-dev $(CATALOGUES) ## speed, as ratios to a bare hello on this machine
	@exec $(PY) -m bench $(o)

# --- changing

.PHONY: migrate i18n i18n-compile room
migrate: ready ## write a migration from the models   (m="what changes")
	@test -n "$(m)" || { echo 'make migrate m="what changes"'; exit 2; }
	@$(PY) -m flask --app wsgi db upgrade && $(PY) -m flask --app wsgi db migrate -m "$(m)"

i18n: ready ## collect the texts from the sources into translations/   (l=fr to start a language)
	@mkdir -p translations
	@$(PY) -m babel.messages.frontend -q extract -F babel.cfg -k _ -k _n:1,2 -k mark -k pgettext:1c,2 \
	    --add-comments=Translators: --add-location=file --no-wrap --sort-by-file --project=Vitrine -o translations/messages.pot .
	@test -z "$(l)" || test -f translations/$(l)/LC_MESSAGES/messages.po || \
	    $(PY) -m babel.messages.frontend -q init -i translations/messages.pot -d translations -l $(l)
	@$(PY) -m babel.messages.frontend -q update -N -i translations/messages.pot -d translations --no-wrap --ignore-obsolete
	@$(MAKE) -s i18n-compile

i18n-compile: ready $(CATALOGUES) ## make the .mo files from the .po files

# All in one go: Python's start takes longer than a language. The next ones are up to date when make comes to them.
%.mo: %.po | ready
	@$(PY) -m babel.messages.frontend -q compile -d translations

room: ## every file of a domain   (d=orders)
	@test -n "$(d)" || { echo 'make room d=orders'; exit 2; }
	@git ls-files -co --exclude-standard | grep -E '(^|/)(_|test_)?$(d)[^/]*(/|\.[a-z]+$$)' || echo 'no file is called "$(d)"'

# --- setting up

.PHONY: ready ready-dev clean
ready:
	@sh bootstrap.sh runtime

ready-dev:
	@sh bootstrap.sh dev

clean: ## remove what was made, but for the data in instance/
	@rm -rf .venv .bootstrap.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .coverage htmlcov
	@rm -rf test-results bench/results $(CATALOGUES)
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
