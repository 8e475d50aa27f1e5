# Two commands matter: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
KILLS  ?= 300
OLD    := .venv-whoosh274
BENCH  := .venv-bench
AUDIT  := .venv-audit
MINUTES ?= 10
KERNELS := index/_kernels.so search/_kernels.so
LOAD   ?=

.PHONY: help run test torture test-whoosh274 test-opensearch bench bench-opensearch load fuzz lint audit lock clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# Installing compiles them too; this is for a kernels.c that changed since, which asks for no new environment. Without a
# compiler there are none, and no harm in that but time.
$(KERNELS): index/kernels.c search/kernels.c tools/compile_kernels.py
	@$(PYTHON) tools/compile_kernels.py || true

$(VENV)/.run: requirements.txt pyproject.toml | $(KERNELS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

run: $(VENV)/.run ## index the sample newsroom and serve http://127.0.0.1:8000
	$(BIN)/exonym index seeds --data .demo
	$(BIN)/exonym serve --data .demo

# The audit needs a network, so lint has it only when WITH_AUDIT=1 asks for it.
lint: $(VENV)/.test ## ruff and mypy (strict); with WITH_AUDIT=1 the audit of the dependencies too
	$(BIN)/ruff check .
	$(BIN)/mypy
	@if [ "$(WITH_AUDIT)" = 1 ]; then $(MAKE) --no-print-directory audit; fi

audit: ## look the locked dependencies up among known vulnerabilities, where the network allows
	@test -x $(AUDIT)/bin/pip-audit || { $(PYTHON) -m venv $(AUDIT) && \
	  $(AUDIT)/bin/python -m pip install --quiet --retries 0 --timeout 10 --require-hashes -r requirements-audit.txt; } || true
	@$(PYTHON) tools/audit.py $(AUDIT)/bin/pip-audit

test: lint ## lint, types and the whole test suite, with a browser where there is one
	@sh tests/browser/set_up.sh
	$(BIN)/python -m pytest -n 2

$(OLD)/.test: requirements-dev.txt requirements-whoosh274.txt pyproject.toml | $(KERNELS)
	$(PYTHON) -m venv $(OLD)
	$(OLD)/bin/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	$(OLD)/bin/python -m pip uninstall --quiet --yes whoosh3
	$(OLD)/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements-whoosh274.txt
	$(OLD)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

torture: $(VENV)/.test ## kill a process 300 times (KILLS=n) and look for what was lost
	$(BIN)/python -m tests.torture --kills $(KILLS)

# Its warnings are of 2017 and not ours to mend.
test-whoosh274: $(OLD)/.test ## the index and search tests with the original Whoosh, 2.7.4
	$(OLD)/bin/python -m pytest -n 2 -W ignore tests/index tests/search

$(BENCH)/.bench: requirements-bench.txt pyproject.toml | $(KERNELS)
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --require-hashes -r requirements-bench.txt
	$(BENCH)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

bench: $(BENCH)/.bench ## measure against Tantivy, Lucene, SQLite and Whoosh, write benchmarks/results.md (an hour)
	$(BENCH)/bin/python -m compileall -q index search service  # as installing would
	$(BENCH)/bin/python -m benchmarks

load: $(VENV)/.run ## searches by 1, 8 and 32 clients while articles are written; LOAD="--articles 20000 --seconds 20"
	$(BIN)/python -m benchmarks.load $(LOAD)

fuzz: $(VENV)/.test ## queries and inputs nobody would write, for MINUTES=10
	$(BIN)/python -W error -m tests.fuzz --minutes $(MINUTES)

screenshots: $(VENV)/.run ## take the pictures of the documents (needs Chromium)
	$(BIN)/python -m docs.make_screenshots

# nodes.py ends 75 where the server cannot be had.
test-opensearch: $(VENV)/.test ## the suite of the engine opensearch on three nodes of its own (needs Maven and Java)
	$(BIN)/python tests/opensearch/nodes.py -- $(BIN)/python -m pytest tests/opensearch

bench-opensearch: $(VENV)/.test ## both engines side by side, on a node of its own
	$(BIN)/python tests/opensearch/nodes.py --nodes 1 -- $(BIN)/python -m benchmarks.opensearch

lock: ## write requirements*.txt anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet -o requirements.txt pyproject.toml requirements-build.in
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet -o requirements-dev.txt pyproject.toml requirements-build.in requirements-dev.in
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet -o requirements-bench.txt pyproject.toml requirements-build.in requirements-bench.in
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet -o requirements-audit.txt requirements-audit.in

clean: ## remove the environment, the compiled libraries and the demo's data
	rm -rf $(KERNELS) $(VENV) $(OLD) $(BENCH) $(AUDIT) .demo .bench tests/browser/node_modules
