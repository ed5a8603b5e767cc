"""DVC stage 'accuracy'; see forecast.steps.accuracy and dvc.yaml."""

from forecast.console import run
from forecast.steps.accuracy import accuracy

if __name__ == "__main__":
    run(accuracy)
