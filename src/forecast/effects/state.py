"""Effects as plain data that JSON can hold, and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from forecast.effects.cells import COVARIATES, Observed
from forecast.effects.design import EXPECTED_SD, Design
from forecast.effects.learn import Effects
from forecast.schema import EVENTS, LOCAL
from forecast.table import Table

_MOMENTS = ("date", "local")


def to_state(effects: Effects) -> dict[str, Any]:
    """Return what was seen, the events and the scales; the rest follows from them."""
    return {
        "frame": _columns(effects.design.frame),
        "observed": {k: v.tolist() for k, v in vars(effects.observed).items()},
        "variance": effects.variance.tolist(),
        "events": _columns(effects.design.events),
        "scales": dict(effects.scales),
        "by_intensity": effects.by_intensity,
    }


def from_state(state: Mapping[str, Any]) -> Effects:
    """Return the effects that ``to_state`` gave."""
    frame = pd.DataFrame(state["frame"]).astype(
        {**dict.fromkeys(_MOMENTS, LOCAL), **dict.fromkeys(COVARIATES, "float64")}
    )
    observed = Observed(**{k: np.asarray(v) for k, v in state["observed"].items()})
    events = _typed(pd.DataFrame(state["events"], columns=EVENTS.names), EVENTS)
    return Effects(
        Design(frame, events),
        observed,
        np.asarray(state["variance"]),
        {**EXPECTED_SD, **state["scales"]},  # parts that an older state did not know
        by_intensity=state["by_intensity"],
    )


def _columns(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a frame as lists by column, moments as ISO text."""
    return {
        str(name): [None if pd.isna(value) else value.isoformat() for value in frame[name]]
        if frame[name].dtype.kind == "M"
        else frame[name].tolist()
        for name in frame
    }


def _typed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return a frame with a table's dtypes, its rows in the order they have."""
    return frame.astype({column.name: column.dtype for column in table.columns})
