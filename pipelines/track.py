"""DVC stage 'track'; see forecast.steps.track and dvc.yaml."""

from forecast.console import run
from forecast.steps.track import track

if __name__ == "__main__":
    run(track)
