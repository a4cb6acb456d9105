# Each target makes the environment it needs: .venv, filled from the hashes in requirements-dev.lock and nothing else.
# Needs make and a python3 of 3.11 or later with its venv module (Debian: apt install make python3-venv); the tests too strace,
# which shows what a program asks of the disk, Go, which reads our logs by its own packages (Debian: 80 MB to fetch, 460 on
# the disk), ssh-keygen, which signs archives, systemd-analyze, which reads our unit, and Chromium, which the console is
# tried in (Debian: chromium).
# Where one is missing and we may, it is installed; else the tests say so.

PYTHON ?= python3
RUN    := .venv/bin
READY  := .venv/ready
QUIET  := --quiet --disable-pip-version-check

# For every platform and Python we support at once; and no registry's address, which is each builder's own affair.
LOCKING := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

# The core proves itself: its own tests reach every branch of it. All others run without being measured, which takes a third less.
CORE := party record compact seal log
TEST := $(RUN)/python -m pytest -q -n 2 --dist worksteal --hypothesis-profile=gate

# Tests begin hundreds of programs: what is compiled once is read by all of them, 0.7 s less for each.
unexport PYTHONDONTWRITEBYTECODE

# The console's scripts, styles and fonts: Node comes out of .venv, packages by the hashes of package-lock.json.
ASSETS  := src/amanat/console/assets
MODULES := $(ASSETS)/node_modules/ready
BUILT   := src/amanat/console/static/manifest.json
NODE    := $(CURDIR)/.venv/bin/node

# Minutes that `make soak` gives to each fuzz target.
MINUTES ?= 1

# The key that `make offline` signs with: a private key of ssh-keygen, or its .pub when an agent holds it.
SIGNING_KEY ?=

.PHONY: help demo test core lint messages soak bench shape screenshots offline lock clean tools assets
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) $(BUILT) ## two states and an observer exchange reports, a node each; nine ways to cheat are caught; the nodes stay up
	@$(RUN)/amanat demo

test: ## everything that must hold before a commit: lint, all tests, core branch coverage 100 %
	@$(MAKE) --no-print-directory --output-sync=target --jobs=3 lint core tools assets
	@echo "all other tests"
	@$(TEST) $(CORE:%=--ignore=tests/%)

core: $(READY)
	@echo "tests of the core"
	@$(TEST) --cov --cov-report=term-missing $(CORE:%=tests/%)

tools:
	@for tool in strace:strace go:golang-go ssh-keygen:openssh-client systemd-analyze:systemd chromium:chromium; do \
		command -v $${tool%:*} >/dev/null || [ "$$(id -u)" != 0 ] || \
		{ apt-get -qq update && apt-get -qq install --yes --no-install-recommends $${tool#*:}; } >/dev/null 2>&1 || true; done

assets: $(BUILT) ## build the console's scripts, styles and fonts; demo, test, soak, bench and offline do where sources changed

lint: $(READY) $(MODULES) ## style, types, imports and dead code, without running anything
	@echo "ruff"         && $(RUN)/ruff check --quiet && $(RUN)/ruff format --check --quiet
	@echo "mypy"         && $(RUN)/mypy --no-error-summary
	@echo "tsc"          && for part in tsconfig tsconfig.build; do \
		$(NODE) $(ASSETS)/node_modules/typescript/bin/tsc --project $(ASSETS)/$$part.json || exit 1; done
	@echo "import rules" && $(RUN)/lint-imports --no-logo >.venv/imports.txt || { cat .venv/imports.txt; exit 1; }
	@echo "dead code"    && { $(RUN)/vulture >.venv/dead.txt; [ $$? -eq 0 -o $$? -eq 3 ]; }
	@! grep -v "unused variable" .venv/dead.txt  # fields of structs are declared for the wire, not for callers

messages: $(READY) ## bring the catalogues of messages up to date with what pages, words and errors say in English
	@PYTHONPATH=tests $(RUN)/python -m console.extract

soak: .venv/soak $(BUILT) ## what chance finds: fuzz each parser (MINUTES=10 each), long courier and pulled-plug runs, mutants
	@PYTHONPATH=tests $(RUN)/python -m soak.fuzz --minutes $(MINUTES)
	@$(RUN)/python -m pytest -q tests/faults/test_courier.py --hypothesis-profile=soak
	@$(RUN)/python -m pytest -q tests/faults/test_pulled_plug.py tests/faults/test_killed_nodes.py --kills 200 --everywhere
	@$(RUN)/python -m pytest -q -n 2 tests/exchange --everywhere
	@$(RUN)/python tests/soak/mutate.py

bench: $(READY) $(BUILT) ## answer each question in bench/ by measuring; the last line of each is a ratio to a peer
	@for question in $(filter-out bench/shape.py bench/measuring.py bench/serving.py bench/filling.py bench/hiring.py bench/message.py bench/browsing.py bench/homeservers.py,$(wildcard bench/*.py)); do \
		echo "$$question" && $(RUN)/python "$$question" || exit 1; done

shape: $(READY) ## the code's own measurements beside those of codebases we admire; nothing fails on them
	@$(RUN)/python bench/shape.py

screenshots: $(READY) $(BUILT) tools ## play the demo and take anew the pictures that README shows, into docs/screenshots
	@PYTHONPATH=tests $(RUN)/python -m e2e.screenshots

offline: $(READY) $(BUILT) ## an archive in dist/ that installs a node where there is no network (SIGNING_KEY=FILE signs it)
	@$(RUN)/python offline/archive.py $(if $(SIGNING_KEY),--signing-key "$(SIGNING_KEY)")

lock: $(READY) ## choose newest allowed versions of all dependencies again, and write their hashes
	@$(RUN)/uv pip compile --quiet --upgrade $(LOCKING) --output-file requirements.lock pyproject.toml
	@$(RUN)/uv pip compile --quiet --upgrade $(LOCKING) --output-file requirements-dev.lock \
		--group dev --constraint requirements.lock pyproject.toml
	@$(RUN)/uv pip compile --quiet --upgrade $(LOCKING) --output-file requirements-soak.lock --group soak
	@git --no-pager diff --stat -- '*.lock'

clean: ## remove what the other targets made
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* dist .soak .shots \
		$(ASSETS)/node_modules $(dir $(BUILT))
	@find src tests bench -name __pycache__ -prune -exec rm -rf {} +

$(BUILT): $(MODULES) $(wildcard $(ASSETS)/*.ts $(ASSETS)/src/*)
	@echo "building the console's scripts and styles"
	@cd $(ASSETS) && $(NODE) node_modules/vite/bin/vite.js build --logLevel warn

$(MODULES): $(ASSETS)/package-lock.json $(ASSETS)/package.json $(ASSETS)/.npmrc $(READY)
	@cd $(ASSETS) && $(CURDIR)/$(RUN)/npm ci --ignore-scripts --loglevel error --no-progress >/dev/null
	@touch $@

.venv/soak: requirements-soak.lock $(READY)
	@$(RUN)/pip install $(QUIET) --require-hashes --no-deps --requirement requirements-soak.lock
	@touch $@

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: Python 3.11 or later is needed")'
	@echo "making .venv (once, about a minute)"
	@$(PYTHON) -m venv .venv
	@$(RUN)/pip install $(QUIET) --require-hashes --no-deps --requirement requirements-dev.lock
	@$(RUN)/pip install $(QUIET) --no-deps --no-build-isolation --editable .
	@touch $@
