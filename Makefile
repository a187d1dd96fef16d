# Everything a developer types. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
VARIANT ?= en-full
export VARIANT

.PHONY: help run setup backup restore test lint unit e2e bench eval audit sbom fuzz chaos soak image clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  VARIANT=en-lite|en-full|multi-full|hinglish|multi-zh|all picks the models (now: $(VARIANT))."

run: ## Install what is missing, fetch models, build, start the gateway on port 9000
	@scripts/run.sh

setup: ## Only install what building and running need
	@scripts/setup.sh run

backup: ## Save everything into one file, also while it runs: make backup TARGET=backup.tar
	@scripts/backup.sh "$(TARGET)"

restore: ## Put a backup into an empty data folder: make restore SOURCE=backup.tar
	@scripts/restore.sh "$(SOURCE)"

test: ## Format, lints, unit, integration and end-to-end tests, with real models
	@scripts/test.sh

lint: ## Format and clippy only
	@scripts/test.sh lint

bench: ## Speed and memory against peers, as a table
	@scripts/measure.sh bench

eval: ## Accuracy and hardening on ../shared/data, as a table
	@scripts/measure.sh eval

audit: ## Licences, bans and advisories of every dependency (builds cargo-deny once)
	@scripts/audit.sh

sbom: ## What it is made of, as CycloneDX: sbom.json; IMAGE=name adds the Debian packages of an image
	@scripts/sbom.sh sbom.json $(IMAGE)

fuzz: ## Fuzz what strangers send, a minute each, or: make fuzz TARGET=sdp SECONDS=600 (needs a nightly toolchain)
	@scripts/fuzz.sh "$(TARGET)" "$(SECONDS)"

chaos: ## Kill the services for ten minutes while they are used: what is lost, how soon they are back
	@scripts/chaos.sh 10

soak: ## Use everything at once for an hour: what grows, what is left over, what is wrong (MINUTES=60)
	@scripts/soak.sh $(or $(MINUTES),60)

image: ## Build the container image, start it, use it, restart it; needs Docker, or root on Debian
	@docker/check.sh

clean: ## Remove build output; models and ./data stay
	@cargo clean
