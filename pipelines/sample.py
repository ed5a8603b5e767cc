"""DVC stage 'sample'; see forecast.steps.sample and dvc.yaml."""

from forecast.console import run
from forecast.steps.sample import sample

if __name__ == "__main__":
    run(sample)
