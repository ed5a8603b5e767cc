"""DVC stage 'scenarios'; see forecast.steps.scenarios and dvc.yaml."""

from forecast.console import run
from forecast.steps.scenarios import scenarios

if __name__ == "__main__":
    run(scenarios)
