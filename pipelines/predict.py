"""DVC stage 'forecast'; see forecast.steps.predict and dvc.yaml."""

from forecast.console import run
from forecast.steps.predict import predict

if __name__ == "__main__":
    run(predict)
