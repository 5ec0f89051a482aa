# Two commands for a fresh machine: `make demo` and `make test`. They need Python >= 3.11 with pip and venv, nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Tests start the program hundreds of times and are read by each worker: compiling it anew took each worker six seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo serve test check test-all coverage soak bench pictures lock clean docs audit sbom faults licences lowest newest fuzz mutate

$(VENV)/.base: requirements/base.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/base.lock
	$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/dev.lock
	$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.tools: requirements/tools.lock pyproject.toml | $(VENV)/.dev
	$(PIP) install --require-hashes -r requirements/tools.lock
	@touch $@

demo: $(VENV)/.base ## collect → classify → trends → digest → approval → delivery → export, on embedded defaults
	$(BIN)/kuntakaiku demo demo

demo/kuntakaiku.db: | $(VENV)/.base
	$(BIN)/kuntakaiku demo demo

serve: $(VENV)/.base demo/kuntakaiku.db ## the console on the demonstration's data, on the Monday after its last week
	KUNTAKAIKU_PSEUDONYM_KEY=$${KUNTAKAIKU_PSEUDONYM_KEY:-of-the-demonstration-alone} \
		$(BIN)/kuntakaiku --config demo/config --data demo --now 2026-11-23T05:05:00Z serve

test: $(VENV)/.dev ## everything that needs nothing but Python
	$(BIN)/python -m pytest -q -n 3 -m "not everything"

check: $(VENV)/.dev ## format, lint, types, layers, documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q tests/documents

test-all: $(VENV)/.dev ## everything; installs what it needs where it may
	./tests/everything.sh $(BIN)
	$(MAKE) docs

coverage: $(VENV)/.dev ## everything, and how much of the code it walks: half as long again
	./tests/everything.sh $(BIN) --coverage

soak: $(VENV)/.dev ## schedules of faults, kills and orders of pages in full, with a table of figures; a quarter of an hour
	$(BIN)/python -m tests.faults.soak

bench: $(VENV)/.dev ## measured side by side with peers; never part of the tests
	$(BIN)/python benchmarks/run.py

pictures: $(VENV)/.dev demo/kuntakaiku.db ## the console's pictures in docs/pictures, from the demonstration (needs chromium)
	$(BIN)/python docs/pictures/take_console.py demo

docs: $(VENV)/.tools ## the documentation as a site, in site/; any warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

audit: $(VENV)/.tools ## the locks among known weaknesses; exit 3 where they could not be looked up
	$(BIN)/python requirements/audit.py

sbom: $(VENV)/.tools ## bill of materials (CycloneDX) of what is installed with the program, in dist/
	mkdir -p dist
	$(BIN)/cyclonedx-py requirements requirements/base.lock --pyproject pyproject.toml --output-reproducible \
		--output-format JSON --output-file dist/kuntakaiku.cdx.json

licences: $(VENV)/.dev ## docs/licences.md from the locks
	$(BIN)/python requirements/licences.py

lowest: ## the tests on the lowest allowed versions of what we name
	./tests/versions.sh lowest-direct

newest: ## the tests on the newest versions that the registry has
	./tests/versions.sh highest

faults: $(VENV)/.dev ## the fault matrix with its negative controls, in full; writes docs/faults.md
	KUNTAKAIKU_FAULTS=long ./tests/everything.sh $(BIN) --faults

fuzz: $(VENV)/.dev ## every parser on damaged bytes, an hour; FUZZ_SECONDS says how long
	$(BIN)/python -m tests.faults.fuzz --seconds $${FUZZ_SECONDS:-3600}

mutate: $(VENV)/.tools ## the code broken on purpose, a module at a time: MODULES="collector/span.py …"
	./tests/mutate.sh $(BIN) $(MODULES)

lock: ## renew the lock files (needs uv)
	./requirements/renew.sh

clean:
	rm -rf demo build dist .mypy_cache .ruff_cache .pytest_cache
