"""DVC stage 'report'; see forecast.steps.report and dvc.yaml."""

from forecast.console import run
from forecast.steps.report import report

if __name__ == "__main__":
    run(report)
