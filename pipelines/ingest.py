"""DVC stage 'ingest'; see forecast.steps.ingest and dvc.yaml."""

from forecast.console import run
from forecast.steps.ingest import ingest

if __name__ == "__main__":
    run(ingest)
