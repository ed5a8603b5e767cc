"""Step publish: move the pointer that people read through, and say what was found."""

from pathlib import Path
from typing import Annotated

import typer

from forecast.console import InFolder, OutFolder, say
from forecast.reports.publish import LATEST
from forecast.reports.publish import publish as publish_set
from forecast.store import read_json

Tracking = Annotated[Path | None, typer.Option(help="what the track stage wrote")]


def publish(report: InFolder, published: OutFolder, tracking: Tracking = None) -> None:
    """Copy a finished report set beside the earlier ones and point `latest` to it."""
    publish_set(report, published)
    say((report / "summary.txt").read_text(encoding="utf-8").rstrip())
    if tracking is not None:
        state = read_json(tracking)
        if not state["tracked"]:
            say(f"  NOT TRACKED in MLflow: {state['reason']}")
            say("  The forecast stands. When tracking is back: make track")
    say(f"Report: {published / LATEST / 'plan.html'}")
