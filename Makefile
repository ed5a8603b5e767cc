# The two commands of the README are `make run` and `make test`; each sets up what it needs.
.PHONY: run demo track test lint format lab app mlflow lock benchmark benchmark-ingest benchmark-calendars benchmark-queueing benchmark-headline clean help
.DEFAULT_GOAL := help

PYTHON ?= python3.11
VENV := .venv
STAMP := $(VENV)/.stamp
PEERS := $(VENV)/peers
# The demonstration's folder: a project of its own, so that neither the sample nor your data are touched.
DEMO ?= demo
# The tools of the environment come first on PATH: DVC runs the stages with the `python` found there.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# Else uv would install into whatever other environment is active.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
# Sums in another order round otherwise: one thread, so that a rerun gives the same bytes.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export DVC_NO_ANALYTICS := 1
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := true

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) not found; install Python 3.11 with venv, or: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	python -m pip install --quiet --disable-pip-version-check uv
	uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock
	uv pip install --quiet --no-deps --no-build-isolation --editable .
	git rev-parse --git-dir >/dev/null 2>&1 || dvc config --local core.no_scm true
	touch $@

run: $(STAMP) ## Run the pipeline over what lies in data/raw; print what it found and where the report is
	dvc repro
	@forecast publish data/processed/report data/published --tracking data/processed/tracking.json

demo: $(STAMP) ## Run the whole pipeline on an invented e-commerce centre, in a folder of its own (DEMO=demo)
	forecast demo "$(DEMO)"
	rm -rf "$(DEMO)/src" "$(DEMO)/pipelines"
	mkdir -p "$(DEMO)/.dvc"
	cp -R src pipelines dvc.yaml requirements.lock .dvcignore "$(DEMO)/"
	cp .dvc/config "$(DEMO)/.dvc/config"
	printf '[core]\n    no_scm = true\n' > "$(DEMO)/.dvc/config.local"
	cd "$(DEMO)" && dvc repro
	forecast headline "$(DEMO)"
	@forecast publish "$(DEMO)/data/processed/report" "$(DEMO)/data/published" --tracking "$(DEMO)/data/processed/tracking.json"

track: $(STAMP) ## Log the last run to MLflow again, for when it was down
	dvc repro --single-item --force track

test: $(STAMP) ## Run the tests
	pytest -n auto

lint: $(STAMP) ## Check style, types and import directions
	ruff check .
	ruff format --check .
	mypy

format: $(STAMP) ## Put code and notebooks into their form
	ruff check --fix .
	ruff format .

lab: $(STAMP) ## Open JupyterLab on the notebooks
	jupyter lab --LabApp.news_url=None notebooks

app: $(STAMP) ## Serve the what-if page over the last run on http://127.0.0.1:8866
	voila notebooks/04_what_if.ipynb --no-browser --Voila.ip=127.0.0.1 --port=8866 --strip_sources=True

mlflow: $(STAMP) ## Open MLflow's pages on the runs logged so far
	MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false mlflow server --host 127.0.0.1 --port 5000 --workers 1 --backend-store-uri sqlite:///mlflow.db

$(PEERS)/.stamp: $(STAMP) benchmarks/requirements-peers.txt
	test -x $(PEERS)/bin/python || python -m venv $(PEERS)
	echo "import site; site.addsitedir('$$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')')" > "$$($(PEERS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/project.pth"
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements-peers.txt
	touch $@

benchmark: $(PEERS)/.stamp ## Measure accuracy against peers and write benchmarks/accuracy.md
	cd benchmarks && OPENBLAS_NUM_THREADS=1 ../$(PEERS)/bin/python accuracy.py

benchmark-ingest: $(STAMP) ## Measure time and memory of taking in exports and write benchmarks/ingest.md
	python benchmarks/ingest.py

benchmark-calendars: $(STAMP) ## Measure what knowing the calendar is worth and write benchmarks/calendars.md
	python benchmarks/calendars.py

benchmark-queueing: $(PEERS)/.stamp ## Measure the queueing formulas, also on a real centre and on forecasts, and write their tables
	$(PEERS)/bin/python benchmarks/queueing.py
	$(PEERS)/bin/python benchmarks/queueing_time.py
	$(PEERS)/bin/python benchmarks/service_level.py
	$(PEERS)/bin/python benchmarks/requirements.py

benchmark-headline: demo ## Measure what staffing on the distribution is worth and write benchmarks/headline.md
	cp "$(DEMO)/headline.md" benchmarks/headline.md

lock: ## Resolve the dependencies again into requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --extra dev --custom-compile-command 'make lock' pyproject.toml -o requirements.lock --upgrade

clean: ## Remove what the pipeline made (published reports and the environment stay)
	rm -rf data/interim data/processed data/raw/acd/sample models/champion dvc.lock .dvc/cache .dvc/tmp

help: ## Show this
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 20
