"""DVC stage 'calendars'; see forecast.steps.calendars and dvc.yaml."""

from forecast.console import run
from forecast.steps.calendars import calendars

if __name__ == "__main__":
    run(calendars)
