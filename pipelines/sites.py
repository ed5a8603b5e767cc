"""DVC stage 'sites'; see forecast.steps.sites and dvc.yaml."""

from forecast.console import run
from forecast.steps.sites import sites

if __name__ == "__main__":
    run(sites)
