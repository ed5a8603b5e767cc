"""Figure of what each kind of event does, day by day."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from forecast.reports.style import BLUE, GREY, ORANGE, plain, style
from forecast.reports.words import Words, of
from forecast.schema import SERIES

MOST_KINDS = 8
TARGETS = {"offered": BLUE, "aht_s": ORANGE}
"""What an event acts on, and its colour."""
_EFFECTS = ["effect", "effect_q05", "effect_q95"]
_MOST_DAYS_AFTER = 14
_PANEL_WIDE, _PANEL_WIDE_IN_PAIRS, _PANEL_HIGH = 2.35, 2.0, 1.95


def kind_curves(
    kind_effects: pd.DataFrame,
    *,
    most: int = MOST_KINDS,
    columns: int = 4,
    words: Words | None = None,
) -> Figure:
    """Return what the next event of each kind is expected to do, in % of the usual.

    A panel per kind, those with the largest effects first: the days before its start, those on
    which it is on (grey) and two weeks after its end, with the 90 % band. Panels have scales of
    their own. Days without an effect (empty) are left out.

    Parameters
    ----------
    kind_effects
        KIND_EFFECTS of one or more series.
    most
        So many panels are drawn at most; with several series a panel is a kind in one of them.
    columns
        Panels beside each other.
    words
        Of the language that it is in; None: English.

    Examples
    --------
    >>> day = {"site": "main", "queue": "sales", "channel": "voice", "target": "offered",
    ...        "kind": "promotion", "pool": "event", "known_events": 3, "phase": "during", "day": 1,
    ...        "effect": 1.5, "effect_q05": 1.2, "effect_q95": 1.9}
    >>> kind_curves(pd.DataFrame([day])).axes[0].get_title(loc="left").splitlines()
    ['promotion', '3 known']
    """
    words = words or of("en")
    panels = [*SERIES, "pool", "kind"]
    size = np.log(kind_effects["effect"].clip(lower=1e-9)).abs()
    largest = size.groupby([kind_effects[name] for name in panels], sort=True).max()
    shown = largest.sort_values(ascending=False, kind="stable").index[:most]
    several = kind_effects.groupby(list(SERIES)).ngroups > 1
    with style(font_size=8, axes_grid=False):
        rows = max(1, -(-len(shown) // columns))
        wide = columns * (_PANEL_WIDE if columns > 2 else _PANEL_WIDE_IN_PAIRS)
        figure = Figure(figsize=(wide, 0.45 + rows * _PANEL_HIGH), layout="constrained")
        if not len(shown):
            figure.text(0.5, 0.5, words.text("kinds.none"), ha="center", color=GREY)
            return figure
        grid = figure.subplots(rows, columns, squeeze=False).reshape(-1)
        for ax, key in zip(grid, shown, strict=False):
            own = kind_effects[(kind_effects[panels] == list(key)).all(axis=1)]
            _draw_kind(ax, own, words)
            series = (
                "\n" + plain(" / ".join(key[: len(SERIES)]), 34 if columns > 2 else 24)
                if several
                else ""
            )
            ax.set_title(_title(own, words) + series, loc="left", fontsize=8.5)
        for ax in grid[len(shown) :]:
            ax.set_visible(False)
        handles: list[Patch | Line2D] = [
            Line2D(
                [], [], color=colour, marker="o", markersize=3, label=words.name("target", target)
            )
            for target, colour in TARGETS.items()
            if target in set(kind_effects["target"])
        ]
        handles += [
            Patch(color=GREY, alpha=0.35, label=words.text("kinds.band")),
            Patch(color="#eef1f4", label=words.text("kinds.on")),
        ]
        figure.legend(
            handles=handles, loc="outside upper left", frameon=False, ncols=min(columns, 4),
            fontsize=9,
        )  # fmt: skip
        figure.supylabel(words.text("kinds.axis"), fontsize=9)
        return figure


def _title(own: pd.DataFrame, words: Words) -> str:
    """Return name and number of a kind."""
    kind = str(own["kind"].iloc[0])
    name = kind.removeprefix("holiday: ")
    of_what = "kinds.known" if name == kind else "kinds.holidays_known"
    told = plain(words.name("kind", name, as_is=True), 30)
    return f"{told}\n{words.text(of_what, n=own['known_events'].max())}"


def _draw_kind(ax: Axes, own: pd.DataFrame, words: Words) -> None:
    """Draw one kind: its days in order, 0 being its first day."""
    own = own[(own["phase"] != "after") | (own["day"] <= _MOST_DAYS_AFTER)]
    during = own.loc[own["phase"] == "during", "day"]
    length = int(during.max()) if len(during) else 0
    at = np.select(
        [own["phase"] == "before", own["phase"] == "during"],
        [-own["day"], own["day"] - 1],
        own["day"] + length - 1,
    )
    ax.axvspan(-0.5, length - 0.5, color="#eef1f4", lw=0)
    ax.axhline(0, color=GREY, lw=0.8)
    percent = (own[_EFFECTS] - 1) * 100
    curves = percent.assign(at=at, target=own["target"]).sort_values("at")
    for target, colour in TARGETS.items():
        curve = curves[curves["target"] == target]
        x = curve["at"].to_numpy()
        ax.fill_between(
            x, curve["effect_q05"], curve["effect_q95"], color=colour, alpha=0.2, lw=0
        )  # fmt: skip
        ax.plot(x, curve["effect"], "o-", color=colour, markersize=2.5, lw=1.2)
    _name_days(ax, int(at.min()), length, int(at.max()), words)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+.0f}" if value else "0"))


def _name_days(ax: Axes, first: int, length: int, last: int, words: Words) -> None:
    """Write below the axis how many days before the start, into the event, after the end."""
    names: dict[int, str] = {}
    if first < 0:
        names[first] = words.text("kinds.before", n=-first)
    if length:
        names[0] = words.text("kinds.start")
    if length - 1 > 0.2 * (last - first):
        names[length - 1] = words.text("kinds.end")
    if last >= length:
        names[last] = words.text("kinds.after", n=last - length + 1)
    ax.set_xticks(list(names), list(names.values()), fontsize=7.5)
