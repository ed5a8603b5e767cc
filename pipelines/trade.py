"""DVC stage 'trade'; see forecast.steps.trade and dvc.yaml."""

from forecast.console import run
from forecast.steps.trade import trade

if __name__ == "__main__":
    run(trade)
