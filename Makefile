# Everything that is done to this repository, the same on a desk, before a commit and in CI.

BIN := .venv/bin
# Test files that run at once: most of them wait for the engine most of the time.
WORKERS ?= 2
# Not the templates of the families, which are no shell yet, nor the examples that are wrong on purpose.
SHELL_FILES = $(shell git ls-files -co --exclude-standard '*.sh' '*.bash' .ci/run ':!submissions' ':!starting-kit/families' ':!tests/examples')

.PHONY: help demo test test-kit test-entry test-image test-escape test-attack test-faults test-vllm test-unsloth test-sky test-github test-site test-audit check fmt fuzz bench bench-check bench-score bench-site bench-trials bench-train bench-pr bench-gpu simulate-coverage setup seeds lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

setup: ## Python packages, Docker engine and base image (does nothing when all is there)
	@scripts/setup.sh

demo: setup ## the whole loop with a tiny model: packages, training, evaluation, leaderboard, page
	@$(BIN)/arena demo

seeds: setup ## the demo's training under five seeds: does it learn every time?
	$(BIN)/arena demo --seeds 0 1 2 3 4

test: setup ## every test that has no target of its own, also those that need Docker, training or a browser
	@scripts/setup/sky.sh
	@scripts/setup/github.sh
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: ## format, lint, types, import contracts, documents, workflows, shell scripts
	@scripts/setup.sh --python
	@scripts/setup/need.sh shellcheck shellcheck
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/arena docs --check
	@scripts/setup/github.sh
	$(BIN)/pytest -q tests/test_model_drift.py tests/house/test_house_documents.py tests/house/test_house_schemas.py tests/house/test_house_tree.py tests/house/test_house_workflows.py
	$(BIN)/actionlint
	@! command -v npm >/dev/null || node scripts/lint_workflows.mjs .github/workflows/*.yml
	$(BIN)/zizmor --offline --persona=auditor .github
	@shellcheck -x -P SCRIPTDIR $(SHELL_FILES) && echo "shellcheck: $(words $(SHELL_FILES)) scripts, no finding"

fmt: ## write the format and the safe fixes
	@scripts/setup.sh --python
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: bench-check bench-score bench-trials ## what a user waits for, in seconds

bench-check: ## `arena check` of one package and of a tree of 4000, in seconds and MB
	@scripts/setup.sh --python
	$(BIN)/python tests/benchmarks/bench_check.py

bench-score: ## the scores of 1000 entries, exact intervals, tests and rank sets, beside SciPy's bootstrap
	@scripts/setup.sh --python
	$(BIN)/python tests/benchmarks/bench_score.py

simulate-coverage: ## how often the intervals and rank sets hold the truth: 10,000 replicates of each scenario
	@scripts/setup.sh --python
	$(BIN)/python tests/benchmarks/simulate_coverage.py

bench-trials: setup ## one trial, and the ladder of 50 packages, beside plain docker commands
	$(BIN)/python tests/benchmarks/bench_trials.py

bench-pr: setup ## from a pull request's webhook to its comment, by step, for one package whose image is built
	PYTHONPATH=tests:tests/github $(BIN)/python tests/benchmarks/bench_pull_request.py

bench-gpu: ## SFT and GRPO of the 8B shape on this machine's GPU, plain TRL beside the recipe; on a CPU a dry run
	$(BIN)/python tests/benchmarks/bench_gpu.py --size $(if $(shell command -v nvidia-smi),8b,tiny)

bench-train: setup ## GRPO with rollouts that run ahead beside GRPO that alternates, three seeds each
	$(BIN)/python tests/benchmarks/bench_train.py

test-escape: setup ## every attempt to get out of a trial, against the real engine: none may succeed
	$(BIN)/pytest -q tests/escape

test-attack: setup ## pull requests, labels, artifacts and results that cheat: each is refused, and who can act is told
	$(BIN)/pytest -q tests/github/attack

test-kit: setup ## the ladder over the whole starting kit, twice, with wall time and peaks; wrong solutions; a package that reaches a host
	$(BIN)/pytest -q tests/kit
	$(BIN)/pytest -q tests/docker/test_example_network.py

test-entry: setup ## an entry of 100 packages from the kit's families: its check and its whole ladder, without a finding
	$(BIN)/python tests/benchmarks/entry_of_families.py

test-image: setup ## the base image built twice from nothing: is its content the same, and how large is it?
	$(BIN)/python tests/benchmarks/rebuild_base_image.py

test-faults: setup ## engines, containers, trainings and model servers that die, full disks, damaged files, broken packages (as root)
	$(BIN)/pytest -q tests/faults
	$(BIN)/pytest -q tests/training/test_server_hangs.py tests/training/test_lost_processes.py tests/loop/test_broken_packages.py

test-vllm: setup ## train and evaluate behind vLLM and behind the arena's own server: are the results alike?
	@scripts/setup/vllm.sh
	$(BIN)/pytest -q -m vllm tests/training
	$(BIN)/pytest -q -m vllm tests/training/test_server_hangs.py
	$(BIN)/python tests/benchmarks/compare_servers.py

test-unsloth: setup ## train by Unsloth's trainer, its kernels apart, and by TRL's: are the updates alike?
	@scripts/setup/unsloth.sh
	$(BIN)/pytest -q -m unsloth tests/training

test-sky: setup ## job.json to leaderboard run through SkyPilot on a Slurm cluster of this machine's own (as root)
	@scripts/setup/sky.sh
	@scripts/setup/github.sh
	$(BIN)/pytest -q tests/sky

test-github: setup ## every workflow run by act on webhooks, the whole loop from a fork's pull request to the page, collectors killed at every write
	@scripts/setup/github.sh
	$(BIN)/pytest -q tests/github
	$(BIN)/pytest -q tests/github/test_act_*.py tests/github/test_bot_survival.py

test-site: ## every page type in Chromium, light and dark: markup, axe, Lighthouse, keyboard, weight
	@scripts/setup.sh --python
	@scripts/setup/need.sh chromium chromium
	@scripts/setup/web.sh
	$(BIN)/pytest -q tests/site
	$(BIN)/pytest -q tests/site/gates

test-audit: setup ## agents that cheat and honest ones, run for real: each cheat is caught by its evidence, no honest run is flagged
	@scripts/setup/benchmarks.sh
	$(BIN)/pytest -q tests/audit
	$(BIN)/pytest -q tests/audit/test_contamination.py tests/agents/test_starting_kit.py tests/agents/test_broken_models.py tests/audit/runs

bench-site: ## the site of 1000 entries with 100 tasks each, built by the command that builds the public one
	@scripts/setup.sh --python
	$(BIN)/python tests/benchmarks/bench_site.py

fuzz: ## 200,000 broken files through the checker, by mutation and by coverage (atheris)
	@scripts/setup.sh --python
	$(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt atheris
	$(BIN)/python tests/fuzz/by_mutation.py --inputs 150000
	$(BIN)/python tests/fuzz/by_coverage.py -runs=50000 .arena/fuzz/corpus

lock: ## write the pinned versions again from pyproject.toml
	@scripts/setup.sh --python
	scripts/setup/lock.sh

clean: ## remove what was built here; the engine, its images and the leaderboard stay
	rm -rf .venv .arena _site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
