# What a person or a machine does with this repository. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
STAMP := .venv/.set-up
SERVICES := $(notdir $(patsubst %/main.py,%,$(wildcard services/*/main.py)))
LOCKS := directory assessment campaigns notifications portal operations demo
# Tests wait for servers much of their time: on two cores three workers take less of it than two.
WORKERS ?= 3
# Where the tests' PostgreSQL and NATS come from: `wheels`, or `docker` for containers of the official images.
INFRA ?= wheels
export COCOCITY_TEST_INFRA = $(INFRA)
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

# What a start imports is compiled at set-up: it saves the first one some seconds, and tests begin as many at once.
WARM_UP := import operations.deploy, services.directory.main, services.assessment.main, services.campaigns.main, \
	services.notifications.main, services.portal.main, deploy.one_machine.trace_store, deploy.one_machine.mail_catcher

# Where TLS is re-signed by a proxy, uv trusts what the system trusts; elsewhere this changes nothing.
export UV_SYSTEM_CERTS ?= 1
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Images of Python often set it. Without bytecode each of our processes compiles all that it imports, at every
# start: 7 s of processor instead of 3.
unexport PYTHONDONTWRITEBYTECODE

# The environment knows where it lies: one copied along with the tree is set up again.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-15s %s\n", $$1, $$2 }'

run: setup ## set up, start the whole system on this machine, load the demo town
	@exec $(BIN)/cococity up

setup: $(STAMP) ## install everything into .venv, from hash-pinned locks
	@:

$(STAMP): requirements/all.txt requirements/bootstrap.txt pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "CoCoCity needs Python 3.11 or later; none was found. Install one, or: make PYTHON=/path/to/python3"; \
		exit 1; fi
	@echo "[1/3] An environment in .venv with $$($(PYTHON) --version)"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Python could not create an environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bootstrap.txt
	@echo "[2/3] $$(grep -c '==' requirements/all.txt) packages, each checked against its hash"
	@install=($(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements/all.txt); \
		if [ -t 2 ]; then "$${install[@]}"; else "$${install[@]}" 2> >(grep -v '^ [+-] ' >&2); fi
	@echo "[3/3] CoCoCity itself"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline --editable .
	@$(BIN)/python -W ignore -c "$(WARM_UP)" >/dev/null 2>&1 || true
	@echo "$(CURDIR)" > $(STAMP)

lint: setup ## style, format, types, architecture, questionnaires
	@failed=; for check in "ruff check ." "ruff format --check ." mypy lint-imports \
			"python -m services.assessment.questionnaires.check" "python -m services.assessment.advice.check" \
			"python -m services.campaigns.templates.check"; do \
		echo "$(BIN)/$$check"; $(BIN)/$$check || failed="$$failed, $${check%% *}"; done; \
		if [ -n "$$failed" ]; then echo "Not clean:$${failed#,}. \`make format\` mends what is style and format."; exit 1; fi

format: setup ## mend style and format where a tool can
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

test: setup browser ## lint and all tests, on the real bus and database
	@# Tests are compiled once, while mypy leaves a core free: each worker would do it, all at the same time.
	@$(BIN)/python -m pytest --collect-only -qq >/dev/null 2>&1 & \
		$(MAKE) lint || { wait; exit 1; }; wait
	$(PYTEST) -m "not containers and not fuse" --durations=40 --durations-min=4

test-quick: setup ## what is quick, and the first test of each file on real servers
	$(PYTEST) -m "not slow and not thorough and not faults and not browser"

test-containers: setup ## docker compose, built and walked through, on the Docker engine of this machine
	COCOCITY_TEST_CONTAINERS=1 $(BIN)/python -m pytest tests/containers -v

faults: setup fuse ## the fault injections and 100,000 answer sets at full length (hours), with a table
	$(BIN)/python -m pytest tests/faults tests/unit/assessment/test_many_answers.py \
		tests/integration/assessment/test_many_submissions.py tests/access/test_any_request.py --long -v
	$(BIN)/python -m bench.readme

bench: setup ## the measurements
	$(BIN)/python -m bench
	$(BIN)/python -m bench.readme

report-article: setup ## the report of a population like the article's, as one line of JSON
	@$(BIN)/python -m bench.report_article

browser: ## a Chromium for tests/browser where there is none and it can be installed (root on Debian)
	@if ! command -v chromium chromium-browser google-chrome >/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing Chromium for tests/browser"; \
			{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; } \
				|| echo "Chromium could not be installed: tests/browser will be skipped."; \
		else echo "No Chromium found: tests/browser will be skipped."; fi; fi

fuse: ## FUSE for the power losses of `make faults`, where it can be installed (root on Debian)
	@if ! ldconfig -p 2>/dev/null | grep -q libfuse; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing FUSE for tests/faults/test_power_loss.py"; \
			{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends libfuse2 >/dev/null; } \
				|| echo "FUSE could not be installed: the power losses will be skipped."; \
		else echo "No FUSE found: the power losses will be skipped."; fi; fi

# One resolution for all (all.txt); a service's own lock is a part of it, so versions never differ.
lock: setup ## resolve the dependencies again and write requirements/
	$(call compile,--all-extras pyproject.toml,all)
	echo uv | $(call compile,-c requirements/all.txt -,bootstrap)
	$(foreach name,$(LOCKS),$(call compile,-c requirements/all.txt --extra $(name) pyproject.toml,$(name))$(newline))

define newline


endef
compile = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-header $(1) --output-file requirements/$(2).txt

contracts: setup ## write durables.json, schemas, asyncapi.yaml and every openapi.json from the code
	@for service in $(SERVICES); do env -i PATH="$$PATH" $(BIN)/python -m services.$$service durables; done \
		| $(BIN)/python -m contracts.generation.durables
	$(BIN)/python -m contracts.generate
	@for service in $(SERVICES); do \
		env -i PATH="$$PATH" $(BIN)/python -m services.$$service openapi > services/$$service/openapi.json.new; \
		if cmp -s services/$$service/openapi.json.new services/$$service/openapi.json; then \
			rm services/$$service/openapi.json.new; \
		else mv services/$$service/openapi.json.new services/$$service/openapi.json; \
			echo "services/$$service/openapi.json"; fi; done
	@$(BIN)/python -m services.assessment.questionnaires.check --schema > services/assessment/questionnaires/schema.json
	@$(BIN)/python -m services.campaigns.policy.table > docs/campaign-policy.md
	@for kind in tool training action; do \
		$(BIN)/python -m services.assessment.advice.check --schema $$kind > services/assessment/advice/$$kind.schema.json; done

clean: ## remove the environment, the data in ./var and all caches
	@if [ -e var/run/supervisor.lock ] && kill -0 "$$(cat var/run/supervisor.lock)" 2>/dev/null; then \
		echo "CoCoCity runs over ./var: stop it first."; exit 1; fi
	@if [ -L var/servers ]; then rm -rf "$$(readlink var/servers)"; fi
	rm -rf .venv var build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help run setup lint format test test-quick test-containers faults bench report-article browser fuse lock contracts clean
