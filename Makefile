# Two commands for a fresh machine: `make demo` and `make test`. Each makes what it needs.
# Needed before: git, make, Python 3.11 or later. `make help` lists the targets.

PYTHON ?= python3
VENV ?= .venv
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
BIN := $(VENV)/bin

# Stamps carry a hash of what decides the installation, so a second run, also after `git pull`
# or `touch`, installs nothing and needs no network unless a dependency has changed.
HASH := $(shell cat pyproject.toml fairwf/version.py | cksum | cut -d' ' -f1)
DEMO_READY := $(VENV)/.demo-$(HASH)
TEST_READY := $(VENV)/.test-$(HASH)
LONG_READY := $(VENV)/.long-$(HASH)
# Other engines and tools want other versions of what we use too.
ENGINES := $(VENV)-engines
RUNCRATE := $(VENV)-runcrate

DEMO_EXTRAS := crates,check,fair
GENOMICS := bwa samtools bcftools bowtie2-examples

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo demo-genomics test test-all packages packages-long lint format docs dist schemas clean distclean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

demo: $(DEMO_READY) ## convert, run, package, validate and score examples/quickstart
	@PATH="$(abspath $(BIN)):$$PATH" bash examples/quickstart/demo.sh

demo-genomics: $(DEMO_READY) ## the same with variant calling on lambda phage (Debian packages)
	@sh tools/debian_packages.sh --required $(GENOMICS)
	@PATH="$(abspath $(BIN)):$$PATH" bash examples/variant-calling/demo.sh

test: $(TEST_READY) packages ## linters, documentation, tests: the gate
	@$(MAKE) --no-print-directory lint docs
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/pytest -q -n $(JOBS) --dist loadgroup -m "not long"

test-all: $(LONG_READY) packages packages-long ## the same with the long tests, generated examples drawn anew
	@$(MAKE) --no-print-directory lint docs
	@PATH="$(abspath $(BIN)):$$PATH" FAIRWF_EXPLORE=1 FAIRWF_SNAKEMAKE="$(abspath $(ENGINES))/bin/snakemake" \
	  FAIRWF_PARSL="$(abspath $(ENGINES))/bin/python" FAIRWF_RUNCRATE="$(abspath $(RUNCRATE))/bin/runcrate" \
	  $(BIN)/pytest -q -n $(JOBS) --dist loadgroup

packages:
	@sh tools/debian_packages.sh --skipping "tests of examples/variant-calling" $(GENOMICS)
	@sh tools/debian_packages.sh --skipping "comparisons with cwltool" nodejs
	@sh tools/debian_packages.sh --skipping "tests of containers" podman runc bubblewrap
	@sh tools/debian_packages.sh --skipping "tests of environment modules" environment-modules
	@sh tools/debian_packages.sh --skipping "tests on Slurm" slurm-wlm munge
	@sh tools/debian_packages.sh --skipping "tests of clocks that are set" faketime

packages-long:
	@sh tools/debian_packages.sh --skipping "tests on Grid Engine" gridengine-master gridengine-exec gridengine-client
	@sh tools/debian_packages.sh --skipping "tests of pages in a browser" chromium
	@sh tools/debian_packages.sh --skipping "tests of MPI" openmpi-bin
	@sh tools/debian_packages.sh --skipping "tests of examples/montage" montage

lint: $(TEST_READY) ## ruff, mypy, import-linter
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m tools.import_contracts

format: $(TEST_READY) ## let ruff rewrite
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format --quiet .

docs: $(TEST_READY) ## the documentation, into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict > $(VENV)/docs.log 2>&1 || { cat $(VENV)/docs.log; exit 1; }

dist: $(TEST_READY) ## wheel and sdist, into dist/
	$(BIN)/python -m build --no-isolation --outdir dist .

schemas: $(TEST_READY) ## write schemas/ and docs/ir.md anew from the types
	$(BIN)/python -m tools.schemas && $(BIN)/python -m tools.contexts && $(BIN)/python -m tools.ir_reference

clean: ## remove what builds and runs leave
	rm -rf dist build site demo-out demo-genomics-out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find fairwf converters tests tools examples -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## and the environment
	rm -rf $(VENV) $(ENGINES) $(RUNCRATE)

$(VENV)/pyvenv.cfg:
	@sh tools/make_venv.sh "$(PYTHON)" "$(VENV)"

# The first try succeeds without a network where all that is needed is installed already.
define install
	@echo "installing fairwf[$(1)] into $(VENV) ..." >&2
	@$(BIN)/python -m pip install -qq --no-index --no-build-isolation -e ".[$(1)]" 2>/dev/null \
	  || $(BIN)/python -m pip install -qq "hatchling>=1.26" -e ".[$(1)]"
endef

$(DEMO_READY): | $(VENV)/pyvenv.cfg
	$(call install,$(DEMO_EXTRAS))
	@touch $@

$(TEST_READY): | $(VENV)/pyvenv.cfg
	$(call install,all)
	@touch $@ $(DEMO_READY)

$(LONG_READY): $(TEST_READY)
	@echo "installing what only the long tests need: Snakemake, Parsl, runcrate, atheris ..." >&2
	@sh tools/make_venv.sh "$(PYTHON)" "$(ENGINES)"
	@$(ENGINES)/bin/python -m pip install -qq ".[engines]"
	@sh tools/make_venv.sh "$(PYTHON)" "$(RUNCRATE)"
	@$(RUNCRATE)/bin/python -m pip install -qq "runcrate==0.6.2" "rocrate==0.13.0"
	@$(BIN)/python -m pip install -qq -e ".[fuzz]"
	@touch $@
