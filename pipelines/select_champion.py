"""DVC stage 'select'; see forecast.steps.select and dvc.yaml."""

from forecast.console import run
from forecast.steps.select import select

if __name__ == "__main__":
    run(select)
