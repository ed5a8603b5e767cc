"""DVC stage 'hiring'; see forecast.steps.hiring and dvc.yaml."""

from forecast.console import run
from forecast.steps.hiring import hiring

if __name__ == "__main__":
    run(hiring)
