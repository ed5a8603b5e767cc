"""The calibration figure: service level observed where so much was predicted."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast.reports.style import BLUE, GREY, ORANGE, style

EDGES = np.linspace(0.0, 1.0, 11)
RESAMPLES = 500
LOOKS = (("s", ORANGE, -0.4), ("o", BLUE, 0.4))
"""Marker, colour and shift to the side in points, so that bars stay apart."""


def calibration_figure(
    units: Mapping[str, pd.DataFrame], models: Sequence[str], path: Path
) -> None:
    """Draw a panel for each unit: predicted service level in bins against the observed one."""
    with style():
        rows_of_panels = -(-len(units) // 2)
        figure = Figure(figsize=(9.0, 0.3 + 4.6 * rows_of_panels), layout="constrained")
        panels = figure.subplots(rows_of_panels, 2, squeeze=False).ravel()
        for ax in panels[len(units) :]:
            ax.set_visible(False)
        for ax, (name, rows) in zip(panels, units.items(), strict=False):
            ax.plot([0, 100], [0, 100], color=GREY, lw=1, ls="--", zorder=1)
            for model, look in zip(models, LOOKS, strict=True):
                _dots(ax, rows, model, look)
            ax.set(title=name, xlim=(-4, 104), ylim=(-4, 104), aspect="equal")
            ax.set_xlabel("predicted service level (% within 20 s)")
            ax.set_ylabel("observed service level (% within 20 s)")
        panels[0].legend(loc="upper left", frameon=False)
        figure.suptitle("May and June: half-hours in bins of 10 points; bars: 95 % over days")
        figure.savefig(path, dpi=110, metadata={"Software": None})


def _dots(ax: Axes, rows: pd.DataFrame, model: str, look: tuple[str, str, float]) -> None:
    """Draw a dot for each bin, of an area by its calls, with its 95 % interval over days."""
    marker, colour, shift = look
    told = binned(rows, model)
    x = 100 * told["predicted"] + shift
    observed = 100 * told["observed"]
    bars = np.array([observed - 100 * told["low"], 100 * told["high"] - observed])
    ax.errorbar(x, observed, yerr=bars.clip(0), fmt="none", ecolor=colour, elinewidth=1.2)
    ax.plot(x, observed, color=colour, lw=1.2, alpha=0.6)
    size = 12 + 500 * told["calls"] / told["calls"].sum()
    ax.scatter(x, observed, s=size, marker=marker, color=colour, alpha=0.85, lw=0)
    ax.plot([], [], color=colour, marker=marker, label=f"{model} (area: calls)")


def binned(rows: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return by bin of the predicted service level: predicted, observed, low, high, calls.

    Means are weighted by calls; the 95 % interval is that of days drawn with replacement.
    """
    level = rows[f"{model} service_level"].to_numpy()
    number = np.clip(np.searchsorted(EDGES, level, side="right") - 1, 0, len(EDGES) - 2)
    days = rows["date"].factorize()[0]
    shape = (days.max() + 1, len(EDGES) - 1)
    cell = days * shape[1] + number

    def summed(weights: object) -> object:
        return np.bincount(cell, np.asarray(weights), minlength=shape[0] * shape[1]).reshape(shape)

    calls, met = summed(rows["offered"]), summed(rows["in_time"])
    told = summed(rows["offered"] * level)
    drawn = np.random.default_rng(1).integers(shape[0], size=(RESAMPLES, shape[0]))
    with np.errstate(invalid="ignore"):
        both = met[drawn].sum(axis=1) / calls[drawn].sum(axis=1)
        low, high = np.nanquantile(both, (0.025, 0.975), axis=0)
        out = pd.DataFrame(
            {
                "predicted": told.sum(axis=0) / calls.sum(axis=0),
                "observed": met.sum(axis=0) / calls.sum(axis=0),
                "low": low,
                "high": high,
                "calls": calls.sum(axis=0),
            }
        )
    return out[out["calls"] > 0]
