# Two commands are all one needs: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

# Some containers set it: then each process compiles all that it imports, seconds of work.
unexport PYTHONDONTWRITEBYTECODE

# A page that a busy machine's browser did not show in time is opened once more, and listed as such at the end. On a
# submission, where a run of half an hour shares a machine that nobody watches, so is every other test that failed.
LATE := TimeoutError: (Page|Locator|Browser|Frame)|(Locator|Page) expected
# tests/conftest.py says what stays together. One process more than cores, at least 3: browser tests mostly wait.
WORKERS := $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores < 2 ? 3 : cores > 5 ? 6 : cores + 1)))
PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder -rR --reruns 1 $(if $(CI),,--only-rerun "$(LATE)")

.PHONY: help setup run demo pictures logs train nlu-report dialogue-coverage fmt check test test-all test-fast bench bench-knowledge attack attack-long lock sbom
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

setup: ## both environments and the encoder, where missing
	@$(PYTHON) -m dev.setup

run: setup ## everything on this machine, until Ctrl-C
	@$(BIN)/python -m dev.run

demo: setup ## the same with a made-up day of a county bank, in a database of its own; prints logins
	@$(BIN)/python -m dev.demo

pictures: setup ## the README's pictures in docs/pictures, taken from the demo's day
	$(BIN)/python -m dev.browser
	@$(BIN)/python -m dev.demo.pictures

logs: ## what the processes of `make run` wrote, in the order of time; one of them: P=gateway
	@$(BIN)/python -m dev.logs $(P)

train: setup ## the Rasa model, if its data changed
	@$(BIN)/python -m dev.train

nlu-report: train ## how well held-out sentences are understood: by intent, topic and probability
	@$(BIN)/python -m dev.nlu_report

dialogue-coverage: setup ## which rules, responses, rows and questions the demo's conversations reached
	@$(BIN)/python -m dev.dialogue_coverage

fmt: ## formats the code and mends what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: setup ## formatting, lint, types, imports, data
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q tests/data

ifdef T
test: train
	$(BIN)/python -m pytest $(T)
else
test: check train ## check, then every test of what a change usually breaks; T=path runs only that file or folder
	$(BIN)/python -m dev.browser
	$(PYTEST) --ignore tests/data -m "not exhaustive"
endif

test-all: check train ## everything, as on every submission: also PostgreSQL, a second width, each fault at each point
	$(BIN)/python -m dev.browser
	$(PYTEST) --ignore tests/data

test-fast: setup ## every test that starts no processes, no browser and no encoder
	$(PYTEST) -m "not slow"

bench: train ## measures our whole way against a stock Rasa
	$(BIN)/python -m bench

bench-knowledge: train ## our search beside BM25, tf-idf, cosine and Rasa's ResponseSelector; then 100,000 questions
	$(BIN)/python -m bench.retrieval
	$(BIN)/python -m bench.scale

attack: train ## ten minutes of hostile input, races and kill -9 against all processes; prints a table
	$(BIN)/python -m attack

attack-long: train ## the same with full numbers, for as long as wanted: HOURS=8
	$(BIN)/python -m attack --hours $(or $(HOURS),2)

lock: ## pins requirements/ anew from pyproject.toml
	$(BIN)/python -m dev.lock

sbom: setup ## what 小禾 consists of, with licences: CycloneDX in var/sbom/
	@$(BIN)/python -m dev.sbom
