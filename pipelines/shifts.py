"""DVC stage 'shifts'; see forecast.steps.shifts and dvc.yaml."""

from forecast.console import run
from forecast.steps.shifts import shifts

if __name__ == "__main__":
    run(shifts)
