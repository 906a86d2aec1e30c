# Everything runs in .venv, which is made from constraints.txt; nothing else is asked of the machine.
PYTHON ?= python3
BIN := .venv/bin
T ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-full check fix bench lock documents

help:  ## Say what there is
	@grep -hE '^[a-z-]+:.*  ## ' $(MAKEFILE_LIST) | sed 's/:.*  ## /\t/' | expand -t 12

demo: .stamp/venv  ## Set everything up, and show the main job on the sample service
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh specs/demo.sh

test: check  ## Set everything up, and run every check; T=name runs the tests of that name alone
ifeq ($(T),)
	$(BIN)/pytest -n 2 -m "not full"
else
	$(BIN)/pytest -n 0 -x -k "$(T)"
endif

test-full: check documents .stamp/openapi-core  ## Also the slow, exhaustive tests, and what they reach
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=93

check: .stamp/venv  ## Format, lint, types, floors
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: .stamp/venv  ## Mend what can be mended by itself
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: .stamp/venv node_modules/.stamp .stamp/peers  ## Print how fast we are, beside our peers
	$(BIN)/python bench/run.py

lock: .stamp/venv  ## Choose the newest versions anew; needs uv
	uv pip compile pyproject.toml --group dev --group bench --group build --extra jq \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --universal \
	  --python-version 3.11 --upgrade --quiet -o constraints.txt
	echo 'openapi-core>=0.23' | uv pip compile - --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --universal --python-version 3.11 --upgrade --quiet -o tests/oracle/constraints.txt

documents: node_modules/.stamp

# ouro-py installs a script named ouro too, so ours comes last.
.stamp/venv: constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  --force-reinstall --editable .
	@mkdir -p .stamp && touch $@

# A judge that is not ours, in an environment of its own: its dependencies are not ours either.
.stamp/openapi-core: tests/oracle/constraints.txt
	$(PYTHON) -m venv .stamp/oracle
	.stamp/oracle/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# What ouro is measured beside lives apart: none of it may be what a user installs.
.stamp/peers: bench/peers/constraints.txt bench/peers/package.json
	$(PYTHON) -m venv bench/peers/.venv
	bench/peers/.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes \
	  -r bench/peers/constraints.txt || echo "Without them: some lines of the table stay empty."
	npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts \
	  --prefix bench/peers || echo "Without them: some lines of the table stay empty."
	@mkdir -p .stamp && touch $@

node_modules/.stamp: package.json
	npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts
	@touch $@
