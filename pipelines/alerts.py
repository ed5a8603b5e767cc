"""DVC stage 'alerts'; see forecast.steps.alerts and dvc.yaml."""

from forecast.console import run
from forecast.steps.alerts import alerts

if __name__ == "__main__":
    run(alerts)
