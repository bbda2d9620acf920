# Headgate. `make` alone lists what there is and changes nothing.
# Needs Python 3.11 and make; everything else is installed into .venv and .cache, once.

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

export HEADGATE_CACHE ?= $(CURDIR)/.cache
VENV := .venv
RUN := $(VENV)/bin/python
MINISTACK := $(HEADGATE_CACHE)/ministack
AWSGLUE := $(HEADGATE_CACHE)/awsglue
ASL := $(HEADGATE_CACHE)/asl-validator
GO_TOOLS := $(HEADGATE_CACHE)/go-tools
CHECKOV := $(HEADGATE_CACHE)/checkov
PARLIAMENT := $(HEADGATE_CACHE)/parliament
TESTS_SEE = PATH="$(ASL)/node_modules/.bin:$(GO_TOOLS):$(CURDIR)/$(VENV)/bin:$$PATH:$(CHECKOV)/bin:$(PARLIAMENT)/bin" \
	HEADGATE_AWSGLUE="$(AWSGLUE)" HEADGATE_MINISTACK="$(MINISTACK)/bin/python"
DEPLOY = eval "$$(tools/terraform_env.sh)"; $(RUN) -m headgate.deploy
REHEARSE = eval "$$(tools/terraform_env.sh)"; HEADGATE_AWSGLUE="$(AWSGLUE)" HEADGATE_MINISTACK="$(MINISTACK)/bin/python" \
	$(RUN) -m rehearsal
# What is tested without the path of a row, or against an emulated account: `make test-platform`.
PLATFORM := tests/terraform tests/platform tests/deploy tests/verify tests/rehearsal tests/jobs/test_glue_catalog.py
# One lake that stays up: `make test-rehearsal`.
REHEARSED := tests/rehearsed
JOBS_AND_LIBRARY := shared tests tools rehearsal $(wildcard glue_jobs benchmarks)

.DEFAULT_GOAL := help
.PHONY: help setup demo check bootstrap release plan apply rollback verify test test-platform test-deep test-rehearsal test-setup \
	rehearse rehearse-again rehearse-down ministack awsglue trino classes asl-validator go-tools checkov parliament lint types format written fresh pins clean clean-all _python

##@ Start here

help: ## List what there is
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile
	@echo

demo: setup ## Run the main job end to end on a made-up catalogue; SOURCE=folder runs it on your files
	@$(RUN) -m headgate.demo $(if $(SOURCE),--source "$(SOURCE)")

check: setup ## Report every fault of every contract
	@$(VENV)/bin/headgate check

##@ Deploy

bootstrap: setup ## Make the buckets of state and releases, once per account and region: REGION=eu-west-1
	@$(DEPLOY) bootstrap --region "$(REGION)"

release: setup ## Build a release and put it into the bucket, once: VERSION=0.1.0 [ENV=dev]
	@$(DEPLOY) release --version "$(VERSION)" $(if $(ENV),--env "$(ENV)")

plan: setup ## Plan an environment and save the plan: ENV=dev [NAME=lake]
	@$(DEPLOY) plan --env "$(ENV)" $(if $(NAME),--name "$(NAME)")

apply: setup ## Apply exactly the saved plan: ENV=dev
	@$(DEPLOY) apply --env "$(ENV)"

rollback: setup ## Plan an environment on an older release: ENV=dev VERSION=0.1.0 [NAME=lake] [RETIRE=name,name]
	@$(DEPLOY) rollback --env "$(ENV)" --version "$(VERSION)" $(if $(NAME),--name "$(NAME)") $(if $(RETIRE),--retire "$(RETIRE)")

verify: setup ## Probe on the account what no emulator shows, under 1 USD: ENV=dev [ONLY=probe,probe]
	@$(RUN) -m headgate.verify --env "$(ENV)" $(if $(ONLY),--only "$(ONLY)") $(VERIFY_ARGS)

##@ Rehearse

rehearse: setup ministack awsglue trino classes ## Run the whole lake on an AWS of this machine (SOURCE=folder, KEEP=1: leave it up)
	@$(REHEARSE) $(if $(KEEP),--keep) $(if $(SOURCE),--source "$(SOURCE)") $(REHEARSE_ARGS)

rehearse-again: setup ministack awsglue trino classes ## On the one that is up: release and apply what is here now, follow a delivery
	@$(REHEARSE) --again

rehearse-down: setup ## End the rehearsal that was left up
	@$(RUN) -m rehearsal --down

##@ Test

test: test-setup ## Test the path of a row, from contract to report (WORKERS=2, PYTEST_ARGS="-k gate")
	@eval "$$(tools/terraform_env.sh)"; $(TESTS_SEE) $(RUN) -m pytest -n $(WORKERS) -m "not deep" $(addprefix --ignore=,$(PLATFORM) $(REHEARSED)) $(PYTEST_ARGS)

test-platform: test-setup classes ## Test what is deployed: Terraform, releases, the emulated account, the probes
	@eval "$$(tools/terraform_env.sh)"; $(TESTS_SEE) $(RUN) -m pytest -n $(WORKERS) -m "not deep" $(PYTEST_ARGS) $(PLATFORM)

test-rehearsal: test-setup classes ## Test the rehearsal itself, on the real music files: faults on purpose, faults of Terraform
	@eval "$$(tools/terraform_env.sh)"; $(TESTS_SEE) $(RUN) -m pytest $(PYTEST_ARGS) $(REHEARSED)

test-deep: test-setup ## Run the long loops: kills, concurrency, many random frames
	@eval "$$(tools/terraform_env.sh)"; $(TESTS_SEE) $(RUN) -m pytest -n $(WORKERS) --dist=worksteal -m deep $(PYTEST_ARGS)

lint: setup ## Check style and formatting
	@$(RUN) -m ruff check $(JOBS_AND_LIBRARY)
	@$(RUN) -m ruff format --check $(JOBS_AND_LIBRARY)

types: setup ## Check the types of the library and the jobs
	@$(RUN) -m pyright

fresh: setup ## Fail when a file that a machine writes is not what it would write now
	@$(RUN) -m headgate.written --check

##@ Write

format: setup ## Format the code, and mend what the linter can
	@$(RUN) -m ruff check --fix $(JOBS_AND_LIBRARY)
	@$(RUN) -m ruff format $(JOBS_AND_LIBRARY)

written: setup ## Write the files that a machine writes: schema, suites, tables of the docs
	@$(RUN) -m headgate.written

pins: setup ## Pin the requirements anew, after a change of pyproject.toml or a .in file
	@tools/pins.sh $(VENV)/bin/uv

##@ Set up and clear away

setup: _python ## Install what the jobs need: .venv, Java 17, the Iceberg jar
	@$(PYTHON) tools/environment.py $(VENV) requirements-dev.txt --editable .
	@$(RUN) -m headgate.spark.engine > /dev/null

test-setup: setup ministack awsglue asl-validator go-tools checkov parliament trino ## Install what only the tests need
	@$(RUN) -m headgate.spark.engine iceberg-spark-runtime iceberg-aws-bundle > /dev/null

ministack: _python ## Install the AWS emulator, in an environment of its own
	@$(PYTHON) tools/environment.py "$(MINISTACK)" tools/pins/ministack.txt

awsglue: setup ## Install Glue's Python package into a folder of its own (Amazon Software License)
	@$(RUN) tools/environment.py "$(AWSGLUE)" tools/pins/awsglue.txt --folder-only

trino: setup ## Install Trino, the engine behind the rehearsal's Athena, with a Java of its own (630 MB)
	@$(RUN) -m rehearsal.aws.athena.trino_install > /dev/null

classes: setup ## Write down the classes that a rehearsal's jobs load, so that their Javas start sooner (220 MB)
	@$(RUN) -m rehearsal.aws.jobs.classes > /dev/null

asl-validator: ## Install the validator of state machines, where npm is there
	@if [ ! -x "$(ASL)/node_modules/.bin/asl-validator" ] && command -v npm > /dev/null; then \
		npm install --silent --no-audit --no-fund --prefix "$(ASL)" asl-validator@4.0.0 || { rm -rf "$(ASL)"; exit 1; }; fi

go-tools: ## Install the linters of workflows and of Terraform, where Go is there
	@if command -v go > /dev/null; then for tool in github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 \
		github.com/terraform-linters/tflint@v0.64.0; do name=$${tool##*/}; \
		[ -x "$(GO_TOOLS)/$${name%@*}" ] || GOBIN="$(GO_TOOLS)" go install "$$tool" || exit 1; done; fi

checkov: _python ## Install checkov, in an environment of its own
	@$(PYTHON) tools/environment.py "$(CHECKOV)" tools/pins/checkov.txt

parliament: _python ## Install the linter of policies, in an environment of its own
	@$(PYTHON) tools/environment.py "$(PARLIAMENT)" tools/pins/parliament.txt

clean: ## Remove what runs and tests leave behind
	@rm -rf .demo .pytest_cache .ruff_cache .hypothesis build dist shared/*.egg-info \
		spark-warehouse metastore_db derby.log
	@find shared tests tools glue_jobs -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

clean-all: clean ## Remove the environment and this checkout's cache too; the next run installs again
	@rm -rf $(VENV) .cache

_python:
	@test -n "$(PYTHON)" || { \
		echo "Headgate needs Python 3.11 (the one that Glue runs), and none of python3.11, python3, python is one."; \
		echo "Install it, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v[:2] == (3, 11) else \
		"Headgate needs Python 3.11 (the one that Glue runs); %s is %d.%d." % (sys.executable, v[0], v[1]))'
