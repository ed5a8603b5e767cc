"""What the page is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from forecast.params import Params
from forecast.reports.summary import Tables, daily_totals
from forecast.schema import SERIES
from forecast.select import SeriesPlan

BASE = "base"
FEWER = "fewer"
"""The scenario of SERVICE in which there are fewer agents than planned."""


@dataclass(frozen=True)
class Material:
    """Tables and facts.

    Attributes
    ----------
    tables, params, plans, calendar, trace
        The tables and settings, what the select stage chose, facts of the calendar, and plan.json.
    steps, trade_off, grid
        STEPS, TRADE_OFF and GRID.
    together
        SERVICE of all queues together, as planned (``base``) and with ``fewer`` agents.
    misses, error_parts
        MISSES and ERROR_PARTS; None: nobody reckoned what errors cost.
    peaks, measures
        PEAKS and PEAK_MEASURES; None: nobody looked for them.
    heads
        HEADS of the shift plan; None: no shifts are planned.
    classes
        The hiring plan's classes (``HiringPlan.classes``); None: no hiring plan is made.
    """

    tables: Tables
    params: Params
    plans: list[SeriesPlan]
    calendar: Mapping[str, Any]
    trace: Mapping[str, Any]
    steps: pd.DataFrame
    trade_off: pd.DataFrame
    together: pd.DataFrame
    grid: pd.DataFrame
    misses: pd.DataFrame | None = None
    error_parts: pd.DataFrame | None = None
    peaks: pd.DataFrame | None = None
    measures: pd.DataFrame | None = None
    heads: pd.DataFrame | None = None
    classes: pd.DataFrame | None = None

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.params.capacity.currency

    @property
    def planned(self) -> pd.DataFrame:
        """PLAN of every scenario as it is planned, by scenario, in the order of the settings."""
        plan = self.tables.plan
        return plan[plan["is_plan"]].set_index("scenario").loc[list(self.params.scenarios)]

    @property
    def base(self) -> pd.Series:
        """PLAN of the base scenario as planned."""
        rows = self.planned
        return rows.iloc[list(rows.index).index(BASE)]

    @property
    def several(self) -> bool:
        """Whether there are several queues."""
        return bool(self.tables.features.groupby(list(SERIES)).ngroups > 1)

    def weeks(self, scenario: str = BASE) -> pd.DataFrame:
        """SERVICE of all queues together by week."""
        own = self.together
        own = own[(own["scenario"] == scenario) & (own["period"] == "week")]
        return own[own["service_level"].notna()].sort_values("start", ignore_index=True)

    @cached_property
    def local(self) -> pd.Series:
        """Wall time of each row of FEATURES, by series and instant."""
        rows = self.tables.features
        wall = rows["date"] + pd.to_timedelta(rows["slot_min"], unit="min")
        return pd.Series(wall.to_numpy(), pd.MultiIndex.from_frame(rows[[*SERIES, "ds"]]))

    @cached_property
    def timed(self) -> pd.DataFrame:
        """REQUIREMENT of the base with wall time, day, minute of the day and hours open."""
        table = self.tables.requirement
        local = self.local.reindex(pd.MultiIndex.from_frame(table[[*SERIES, "ds"]]))
        wall = pd.Series(local.to_numpy(), table.index)
        return table.assign(
            local=wall,
            day=wall.dt.normalize(),
            minute=wall.dt.hour * 60 + wall.dt.minute,
            hours=table["open_min"] / 60,
        )

    @cached_property
    def days(self) -> pd.DataFrame:
        """Contacts by local date over all queues, reported and ahead: ``daily_totals``."""
        return daily_totals(self.tables)


def traded(trade_off: pd.DataFrame, share: float, more: int = 0) -> pd.Series:
    """Return the row of TRADE_OFF with a share of the planned positions, and so many more."""
    at = (trade_off["share"].sub(share).abs() < 1e-9) & (trade_off["more"] == more)
    return trade_off[at].iloc[0]
