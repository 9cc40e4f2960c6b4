# Svar on this machine. `make help` lists what there is.
.PHONY: help run test lint bench lock demo-reset
.DEFAULT_GOAL := help

WORKERS ?= 2
UV ?= uv
COMPILE = $(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-header pyproject.toml
PYTEST = .venv/bin/python -m pytest

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: ## try Svar: installs what is missing, serves on HOST and PORT until Ctrl-C
	@scripts/run.sh

test: ## the whole test suite; ARGS="-k name" for a part of it, WORKERS=0 for one process
	@scripts/bootstrap.sh test
	@$(PYTEST) -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: ## style, types, layers, migrations, message catalogues
	@scripts/bootstrap.sh test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy helpcenter deflection tickets knowledge scripts
	.venv/bin/lint-imports
	DJANGO_SETTINGS_MODULE=tests.settings .venv/bin/python manage.py makemigrations --check --dry-run
	.venv/bin/python scripts/check_messages.py

bench: ## the benchmarks, a JSON object a line; DATA=folder SIZES=300,3000,30000 PARTS=customers,update,rivals,desk,chat CASES=100000 CHATS=300 IN=sv
	@scripts/bootstrap.sh test
	@PYTHONPATH=scripts .venv/bin/python -m bench $(if $(DATA),--data "$(DATA)") $(if $(SIZES),--sizes $(SIZES)) \
		$(if $(PARTS),--parts $(PARTS)) $(if $(IN),--language $(IN)) $(if $(QUERIES),--queries $(QUERIES)) $(if $(CASES),--cases $(CASES)) $(if $(CHATS),--chats $(CHATS)) $(if $(SECONDS),--seconds $(SECONDS))

lock: ## writes both locks anew from pyproject.toml, keeping what need not change (needs uv)
	@command -v $(UV) >/dev/null || { echo "Locking needs uv: pip install uv" >&2; exit 1; }
	$(COMPILE) --extra semantic -o requirements.lock
	$(COMPILE) --extra semantic --extra local-model --extra dev -c requirements.lock -o requirements-dev.lock

demo-reset: ## drops var/ with the database, the index, letters and files
	@scripts/reset.sh
