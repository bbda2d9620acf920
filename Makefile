# Headgate. A bare `make` lists the targets and changes nothing.
# You need Python 3.11 and make; the targets install everything else into .venv and .cache, once.

ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for p in python3.11 python3 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; then command -v $$p; break; fi; done)
endif
WORKERS ?= 2
SOURCE ?=
PYTEST_ARGS ?=
ENV ?=
VERSION ?=
RETIRE ?=
REGION ?=
NAME ?=
ONLY ?=
KEEP ?=
ROOM ?=
ROWS ?=
LAKE ?=
AGAINST ?=

export HEADGATE_CACHE ?= $(CURDIR)/.cache
VENV := .venv
RUN := $(VENV)/bin/python
MINISTACK := $(HEADGATE_CACHE)/ministack
AWSGLUE := $(HEADGATE_CACHE)/awsglue
ASL := $(HEADGATE_CACHE)/asl-validator
GO_TOOLS := $(HEADGATE_CACHE)/go-tools
CHECKOV := $(HEADGATE_CACHE)/checkov
PARLIAMENT := $(HEADGATE_CACHE)/parliament
CLOUDSPLAINING := $(HEADGATE_CACHE)/cloudsplaining
TPCHGEN := $(HEADGATE_CACHE)/tpchgen
POSTGRES := $(HEADGATE_CACHE)/postgres
TESTS_SEE = PATH="$(ASL)/node_modules/.bin:$(GO_TOOLS):$(CURDIR)/$(VENV)/bin:$$PATH:$(CHECKOV)/bin:$(PARLIAMENT)/bin" \
	HEADGATE_AWSGLUE="$(AWSGLUE)" HEADGATE_MINISTACK="$(MINISTACK)/bin/python" HEADGATE_CLOUDSPLAINING="$(CLOUDSPLAINING)/bin/python" \
	HEADGATE_POSTGRES="$(POSTGRES)/bin/python"
DEPLOY = eval "$$(tools/terraform_env.sh)"; $(RUN) -m headgate.deploy
REHEARSE = eval "$$(tools/terraform_env.sh)"; HEADGATE_AWSGLUE="$(AWSGLUE)" HEADGATE_MINISTACK="$(MINISTACK)/bin/python" \
	$(RUN) -m rehearsal
# What `make test-platform` runs: tests of what is deployed, with and without the emulated account.
PLATFORM := tests/terraform tests/platform tests/deploy tests/verify tests/rehearsal tests/jobs/test_glue_catalog.py
# What `make test-rehearsal` runs: all its tests share one rehearsed lake.
REHEARSED := tests/rehearsed
# The rooms of the tests: those of shared/headgate and its single modules (tests/test_clean.py), and tests that cross several.
ROOMS := $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard tests/*/test_*.py)))) \
	$(patsubst tests/test_%.py,%,$(wildcard tests/test_*.py)))
JOBS_AND_LIBRARY := shared tests tools rehearsal $(wildcard glue_jobs benchmarks lambdas)

.DEFAULT_GOAL := help
.PHONY: help setup demo check estimate bootstrap release plan apply output destroy rollback verify test test-room test-platform test-deep test-rehearsal test-setup \
	rehearse rehearse-again rehearse-down ministack awsglue trino postgres tpchgen bench classes asl-validator go-tools checkov parliament cloudsplaining lint types format written fresh pins clean clean-all _python _room _run-classes

##@ Start here

help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile
	@echo

demo: setup _run-classes ## Run the whole path on a made-up music catalogue, or on your files: SOURCE=folder
	@$(RUN) -m headgate.demo $(if $(SOURCE),--source "$(SOURCE)")

check: setup ## Check the contracts and report every fault
	@$(VENV)/bin/headgate check

estimate: setup ## Estimate what runs cost on AWS, before and after a change: [LAKE=.demo/lake] [AGAINST=main]
	@$(VENV)/bin/headgate estimate $(if $(LAKE),--lake "$(LAKE)") $(if $(AGAINST),--against "$(AGAINST)")

##@ Deploy

bootstrap: setup ## Create the buckets for state and releases, once per account and region: REGION=eu-west-1
	@$(DEPLOY) bootstrap --region "$(REGION)"

release: setup ## Build a release and upload it, once per version: VERSION=0.1.0 [ENV=dev]
	@$(DEPLOY) release --version "$(VERSION)" $(if $(ENV),--env "$(ENV)")

plan: setup ## Plan an environment and save the plan: ENV=dev [NAME=lake]
	@$(DEPLOY) plan --env "$(ENV)" $(if $(NAME),--name "$(NAME)")

apply: setup ## Apply the saved plan, exactly as it was shown: ENV=dev
	@$(DEPLOY) apply --env "$(ENV)"

output: setup ## Show what Terraform tells about an environment: ENV=dev [ONLY=buckets] [NAME=lake]
	@$(DEPLOY) output --env "$(ENV)" $(if $(ONLY),--only "$(ONLY)") $(if $(NAME),--name "$(NAME)")

destroy: setup ## Delete an environment's lake, after it shows what that is and asks: ENV=dev [NAME=lake]
	@$(DEPLOY) destroy --env "$(ENV)" $(if $(NAME),--name "$(NAME)")

rollback: setup ## Plan a return to an older release: ENV=dev VERSION=0.1.0 [NAME=lake] [RETIRE=name,name]
	@$(DEPLOY) rollback --env "$(ENV)" --version "$(VERSION)" $(if $(NAME),--name "$(NAME)") $(if $(RETIRE),--retire "$(RETIRE)")

verify: setup ## Probe a deployed lake for what no emulator can show, under 1 USD: ENV=dev [ONLY=probe,probe]
	@$(RUN) -m headgate.verify --env "$(ENV)" $(if $(ONLY),--only "$(ONLY)") $(VERIFY_ARGS)

##@ Rehearse

rehearse: setup ministack awsglue trino classes ## Deploy and run the whole lake on an AWS emulator, here: [SOURCE=folder] [KEEP=1]
	@$(REHEARSE) $(if $(KEEP),--keep) $(if $(SOURCE),--source "$(SOURCE)") $(REHEARSE_ARGS)

rehearse-again: setup ministack awsglue trino classes ## Release and apply your changes on the rehearsal that KEEP=1 left running
	@$(REHEARSE) --again

rehearse-down: setup ## Stop the rehearsal that KEEP=1 left running
	@$(RUN) -m rehearsal --down

##@ Test

test: test-setup ## Test the path of a row, from contract to report: [WORKERS=2] [PYTEST_ARGS="-k gate"]
	@eval "$$(tools/terraform_env.sh)"; $(TESTS_SEE) $(RUN) -m pytest -n $(WORKERS) -m "not deep" $(addprefix --ignore=,$(PLATFORM) $(REHEARSED)) $(PYTEST_ARGS)

test-room: _room setup _run-classes ## Test one room alone, often in under a minute: ROOM=gate [PYTEST_ARGS="-k key"]
	@eval "$$(tools/terraform_env.sh)"; $(TESTS_SEE) $(RUN) -m pytest -n $(WORKERS) -m "not deep" $(PYTEST_ARGS) \
		$(foreach room,$(ROOM),$(wildcard tests/$(room) tests/test_$(room).py))

test-platform: test-setup classes ## Test what is deployed: Terraform, releases, the emulated account, the probes
	@eval "$$(tools/terraform_env.sh)"; $(TESTS_SEE) $(RUN) -m pytest -n $(WORKERS) -m "not deep" $(PYTEST_ARGS) $(PLATFORM)

test-rehearsal: test-setup classes ## Test the rehearsal itself, on real music files: it must notice planted faults
	@eval "$$(tools/terraform_env.sh)"; $(TESTS_SEE) $(RUN) -m pytest $(PYTEST_ARGS) $(REHEARSED)

test-deep: test-setup ## Run the long tests: kills, concurrency, full disks, random data
	@eval "$$(tools/terraform_env.sh)"; $(TESTS_SEE) $(RUN) -m pytest -n $(WORKERS) --dist=worksteal -m deep $(PYTEST_ARGS)

lint: setup ## Check code style, formatting, plain English, and that imports go down only
	@$(RUN) -m ruff check $(JOBS_AND_LIBRARY)
	@$(RUN) -m ruff format --check $(JOBS_AND_LIBRARY)
	@$(VENV)/bin/lint-imports --no-logo --no-cache
	@$(RUN) tools/prose.py

types: setup ## Check the types of the library, the jobs and the rehearsal
	@$(RUN) -m pyright

fresh: setup ## Check that every written file is up to date (see `make written`)
	@$(RUN) -m headgate.written --check

##@ Measure

bench: setup _run-classes tpchgen ## Compare refine with what people write instead: [ROWS=1000000] [ONLY=plain,gx] [BENCH_ARGS=]
	@$(RUN) -m benchmarks $(if $(ROWS),--rows $(ROWS)) $(if $(ONLY),--only "$(ONLY)") $(BENCH_ARGS)

##@ Write

format: setup ## Format the code and fix what the linter can fix
	@$(RUN) -m ruff check --fix $(JOBS_AND_LIBRARY)
	@$(RUN) -m ruff format $(JOBS_AND_LIBRARY)

written: setup ## Write the files that code writes: JSON schemas, suites, reference pages
	@$(RUN) -m headgate.written

pins: setup ## Resolve and pin the requirements, after a change to pyproject.toml or a .in file
	@tools/pins.sh $(VENV)/bin/uv

##@ Install and clean up

setup: _python ## Install what the jobs need: .venv, Java 17, Iceberg
	@$(PYTHON) tools/environment.py $(VENV) requirements-dev.txt --editable .
	@$(RUN) -m headgate.spark.engine > /dev/null

test-setup: setup _run-classes ministack postgres awsglue asl-validator go-tools checkov parliament cloudsplaining trino ## Install what only the tests need
	@$(RUN) -m headgate.spark.engine iceberg-spark-runtime iceberg-aws-bundle > /dev/null

ministack: _python ## Install the AWS emulator, in its own environment
	@$(PYTHON) tools/environment.py "$(MINISTACK)" tools/pins/ministack.txt

postgres: _python ## Install PostgreSQL, the engine behind the rehearsal's Redshift, in its own environment (110 MB)
	@$(PYTHON) tools/environment.py "$(POSTGRES)" tools/pins/postgres.txt

awsglue: setup ## Install Glue's Python package, in its own folder (Amazon Software License)
	@$(RUN) tools/environment.py "$(AWSGLUE)" tools/pins/awsglue.txt --folder-only

trino: setup ## Install Trino and its Java, the engine behind the rehearsal's Athena (630 MB)
	@$(RUN) -m rehearsal.aws.athena.trino_install > /dev/null

classes: setup _run-classes ## Build the JVM class archives that speed up runs, tests and rehearsal jobs (300 MB)
	@$(RUN) -m rehearsal.aws.jobs.classes > /dev/null

_run-classes: setup # the archive of runs and tests alone, which needs no further jar
	@$(RUN) -m headgate.spark.classes > /dev/null

tpchgen: _python ## Install the generator of TPC-H data for `make bench`, in its own environment
	@$(PYTHON) tools/environment.py "$(TPCHGEN)" tools/pins/tpchgen.txt

asl-validator: ## Install the validator of state machines, if npm is installed
	@if [ ! -x "$(ASL)/node_modules/.bin/asl-validator" ] && command -v npm > /dev/null; then \
		npm install --silent --no-audit --no-fund --prefix "$(ASL)" asl-validator@4.0.0 || { rm -rf "$(ASL)"; exit 1; }; fi

go-tools: ## Install the linters for workflows and Terraform, if Go is installed
	@if command -v go > /dev/null; then for tool in github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 \
		github.com/terraform-linters/tflint@v0.64.0; do name=$${tool##*/}; \
		[ -x "$(GO_TOOLS)/$${name%@*}" ] || GOBIN="$(GO_TOOLS)" go install "$$tool" || exit 1; done; fi

checkov: _python ## Install the linter for Terraform's security (checkov), in its own environment
	@$(PYTHON) tools/environment.py "$(CHECKOV)" tools/pins/checkov.txt

parliament: _python ## Install the linter for IAM policies (parliament), in its own environment
	@$(PYTHON) tools/environment.py "$(PARLIAMENT)" tools/pins/parliament.txt

cloudsplaining: _python ## Install the search for privilege escalation (cloudsplaining), in its own environment
	@$(PYTHON) tools/environment.py "$(CLOUDSPLAINING)" tools/pins/cloudsplaining.txt

clean: ## Remove what runs and tests leave behind
	@rm -rf .demo .pytest_cache .ruff_cache .hypothesis build dist shared/*.egg-info \
		spark-warehouse metastore_db derby.log
	@find shared tests tools glue_jobs -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

clean-all: clean ## Also remove .venv and .cache; the next target installs them again
	@rm -rf $(VENV) .cache

_python:
	@test -n "$(PYTHON)" || { \
		echo "Headgate needs Python 3.11 (the version that Glue runs), but none of python3.11, python3 and python is that version."; \
		echo "Install it, or name the interpreter: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v[:2] == (3, 11) else \
		"Headgate needs Python 3.11 (the version that Glue runs), but %s is %d.%d." % (sys.executable, v[0], v[1]))'

_room:
	@test -n "$(ROOM)" || { echo "Name a room: make test-room ROOM=gate"; echo "The rooms: $(ROOMS)"; exit 1; }
	@test -z "$(filter-out $(ROOMS),$(ROOM))" || { \
		echo "There is no room \`$(filter-out $(ROOMS),$(ROOM))\` in tests/."; echo "The rooms: $(ROOMS)"; exit 1; }
