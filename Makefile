# The project's commands, one word per act. `make demo` and `make test` set everything up by themselves on a machine that has only
# python3 (with venv), make and a package registry. On Windows see README.zh-CN.md: the same steps with py and pip.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Compiled modules are kept even where the environment says not to: the program and the tests start it often.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEMO := demo

.PHONY: demo test check fix accept evals bench mutants kit kit-check bom fuzz docs clean

# A stamp per set of dependencies: nothing is installed again while pyproject.toml and constraints.txt are unchanged.
$(BIN)/.run: pyproject.toml constraints.txt
	@echo "正在准备运行环境（只在第一次，约一两分钟）…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install -q -c constraints.txt -e .
	@$(BIN)/python -m compileall -q assistant
	@touch $@

$(BIN)/.dev: pyproject.toml constraints.txt
	@echo "正在准备开发环境（只在第一次，约两三分钟）…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install -q -c constraints.txt -e '.[dev,evals]'
	@touch $@ $(BIN)/.run

# Drafts next year's table of a continuing project from last year's real text, checks it, and saves draft and Word form.
demo: $(BIN)/.run
	@ASSISTANT_HOME=$(CURDIR)/$(DEMO)/home $(BIN)/assistant draft --name 残疾人就业保障金 --year 2026 --budget 480 --purpose 用于残疾人就业、培训以及残疾人生活保障。 -o $(DEMO) --no-input

test: $(BIN)/.dev
	$(BIN)/python -m pytest -q -n auto

check: $(BIN)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

fix: $(BIN)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Rewrites the golden files with what the program does now; read the diff before committing it.
accept: $(BIN)/.dev
	$(BIN)/python -m pytest -q --accept

# Changes the core a little, one change at a time, and lists what no test notices. Hours; fewer with: make mutants SAMPLE=5
SAMPLE ?= 30
mutants: $(BIN)/.dev
	$(BIN)/python -m tests.mutants --sample $(SAMPLE)

evals: $(BIN)/.dev
	$(BIN)/assistant evals run --all --against evals/baselines

bench: $(BIN)/.dev
	@$(PIP) install -q -c constraints.txt -e '.[dev,evals,bench]'
	$(BIN)/python -m bench --plot docs/images/bench.svg

# Kits for machines without a network, one zip a platform in dist/kit; kit-check installs this machine's with the network cut off (root).
kit: $(BIN)/.run
	@$(PIP) install -q -c constraints.txt -e '.[kit]'
	$(BIN)/python -m kit

kit-check:
	$(BIN)/python -m kit.check

# The bill of materials and the licence list in docs/, from an environment with nothing but the program.
bom: $(BIN)/.run
	@$(PIP) install -q -c constraints.txt -e '.[kit]'
	$(BIN)/python -m kit.bom

# A million executions over readers, values, answers, drafts: about half an hour on a quiet core. Fewer: make fuzz RUNS=20000
RUNS ?= 1000000
fuzz: $(BIN)/.dev
	@$(PIP) install -q -c constraints.txt -e '.[fuzz]'
	$(BIN)/python -m fuzz --runs $(RUNS)

# Writes the generated parts of the documentation anew: commands, rules, transcripts, counts, pictures.
docs: $(BIN)/.dev
	$(BIN)/python docs/make.py

clean:
	rm -rf $(VENV) $(DEMO) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
