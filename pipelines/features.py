"""DVC stage 'features'; see forecast.steps.features and dvc.yaml."""

from forecast.console import run
from forecast.steps.features import features

if __name__ == "__main__":
    run(features)
