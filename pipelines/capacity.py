"""DVC stage 'capacity'; see forecast.steps.capacity and dvc.yaml."""

from forecast.console import run
from forecast.steps.capacity import capacity

if __name__ == "__main__":
    run(capacity)
