"""DVC stage 'lookup'; see forecast.steps.lookup and dvc.yaml."""

from forecast.console import run
from forecast.steps.lookup import lookup

if __name__ == "__main__":
    run(lookup)
