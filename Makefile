# The project's commands, the same on a laptop, in .ci/run and in the GitHub workflow. Needs GNU make 3.81 or newer
# and Python 3.11 to 3.13. Without make (Windows): the README gives the same commands.
#
#   make demo                      the demo company: install, write its files, load, check, publish
#   make run | up                  the daily run once | Dagster's web interface and schedule
#   make test  [TESTS=tests/unit]  all tests, or some of them, in several processes (JOBS=0: in one)
#   make lint | format             check | rewrite Python and SQL
#   make docs                      the pages about the marts, docs/analyse/marts
#   make pictures                  the README's, docs/images, of the demo company in a browser
#   make bench                     performance, as ratios
#   make lock  [ARGS=--upgrade]    compile the lock files anew from pyproject.toml
#   make licences                  the page about the licences of what the lock file names, docs/licences.md
#   make clean                     remove what the other targets installed or cached; never data/
#
# PYTHON=python3.12  chooses the interpreter of a new .venv
# DUCKDB=1.5.6       uses that DuckDB instead of the locked one, in an environment of its own
# ARGS="..."         is handed on to kontor, pytest, the benchmarks

# The first suitable one: what `python3` is on a new system may be newer than the libraries allow.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo "$$p" && break; done)
DUCKDB ?=
JOBS ?= auto

VENV := .venv$(if $(DUCKDB),-duckdb-$(DUCKDB))
BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev
BENCH := .venv-bench/.installed

# uv takes seconds where pip takes a minute; nothing depends on it. $(1) is the environment's folder.
ifneq ($(shell command -v uv 2>/dev/null),)
new_venv = uv venv --quiet --allow-existing --python "$(PYTHON)" $(1)
install = uv pip install --quiet --python $(1)/bin/python
pip_check = uv pip check --python $(BIN)/python
# A missing interpreter is an error, not a download.
export UV_PYTHON_DOWNLOADS = never
else
new_venv = "$(PYTHON)" -m venv $(1)
# Compiling all that is installed doubled the time (98 s for 47 s) and added 150 MB, most of it never imported.
install = $(1)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check
pip_check = $(BIN)/python -m pip check --disable-pip-version-check
endif
# So Python compiles what is imported, once; where this variable forbids it (many containers), each start costs 4 s more.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo run up test docs pictures lint format bench lock licences clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   make/make/p' Makefile

demo: $(RUN)
	$(BIN)/kontor demo $(ARGS)

run: $(RUN)
	$(BIN)/kontor run $(ARGS)

up: $(RUN)
	$(BIN)/kontor up $(ARGS)

# A whole file goes to one process: what its tests share is made once. (Groups of pytest-xdist 3.8 do not hold with
# pytest 9.2: they would rename tests.) In the order of tests/conftest.py, not by the number of a file's tests.
test: $(DEV)
	$(BIN)/pytest --numprocesses=$(JOBS) --maxprocesses=4 --dist=loadfile --no-loadscope-reorder --durations=15 $(TESTS) $(ARGS)

# The pages of docs/analyse/marts, from the metadata beside the models.
docs: $(RUN)
	KONTOR_DATA=$$(mktemp -d) $(BIN)/python -m kontor.mart_pages

# By the tests that make them at every run, but of the whole demo company.
pictures: $(DEV)
	KONTOR_PICTURES=1 $(BIN)/pytest tests/browser/test_pages.py -k pictures $(ARGS)

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --processes 0 dbt_project
	$(pip_check)

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff format dbt_project

# dlt, the opponent, brings packages that nothing else needs: it gets an environment of its own. The pages are measured by
# the browser that tests them.
bench: $(DEV) $(BENCH)
	$(BIN)/python -m benchmarks --dlt-python .venv-bench/bin/python $(ARGS)

# A stamp is younger than what it was installed from, or the installation runs again. The venv is completed rather
# than made anew, so an interrupted installation goes on where it stopped.
$(RUN): requirements.lock pyproject.toml
	@echo "Installing Kontor into $(VENV), once. This takes up to a minute or two."
	$(call check_python)
	$(call new_venv,$(VENV))
	$(call install,$(VENV)) -r requirements.lock
	$(if $(DUCKDB),$(call install,$(VENV)) --no-deps duckdb==$(DUCKDB))
	$(call install,$(VENV)) --no-deps --editable .
	@touch $@

$(DEV): requirements-dev.lock $(RUN)
	@echo "Installing the tools for tests and lint into $(VENV), once."
	$(call install,$(VENV)) -r requirements-dev.lock
	@touch $@

$(BENCH): requirements-bench.lock
	@echo "Installing dlt into .venv-bench, once."
	$(call check_python)
	$(call new_venv,.venv-bench)
	$(call install,.venv-bench) -r requirements-bench.lock
	@touch $@

define check_python
@"$(or $(PYTHON),none)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
	echo "Kontor needs Python 3.11, 3.12 or 3.13; found: $$("$(or $(PYTHON),python3)" --version 2>&1)." \
	"Install one of them, or say where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; }
endef

# One resolution for Linux, macOS and Windows and every supported Python. uv writes no address into the file.
compile = uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock" $(ARGS)
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(compile) pyproject.toml --output-file requirements.lock
	$(compile) --group dev --constraints requirements.lock --output-file requirements-dev.lock
	$(compile) --group bench --constraints requirements.lock --output-file requirements-bench.lock
	@! grep -n '://' requirements*.lock || { echo "A lock file names an address; see above." >&2; exit 1; }

licences: $(RUN)
	$(BIN)/python -m kontor.licences

clean:
	rm -rf .venv .venv-* .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
