"""DVC stage 'backtest'; see forecast.steps.backtest and dvc.yaml."""

from forecast.console import run
from forecast.steps.backtest import backtest

if __name__ == "__main__":
    run(backtest)
