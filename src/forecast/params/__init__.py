"""One frozen, typed ``Params``, read from params.yaml; its sections are named like the DVC stages.

An unknown key or a value out of bounds is refused with its path and the rule. ``override`` gives a
validated copy, which is how a scenario or a notebook changes a setting.
"""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from forecast.params.alerts import AlertsParams, Measure
from forecast.params.calendar import CalendarsParams
from forecast.params.capacity import FLAT, CapacityParams, Definition, Risk
from forecast.params.changes import (
    capacity_with,
    costs_with,
    ledger_with,
    refuse_unpaid,
    trunks_with,
)
from forecast.params.checked import validated
from forecast.params.costs import CostsParams
from forecast.params.hiring import HiringPlanParams
from forecast.params.kpi import KpiParams
from forecast.params.scenario import Scenario, layers
from forecast.params.shifts import ShiftsParams
from forecast.params.shrinkage import ShrinkageParams
from forecast.params.sites import SitesParams
from forecast.params.trunks import TrunksParams
from forecast.settings import Section, Share, Zone
from forecast.yamlfile import read_yaml

__all__ = [
    "MIN_OPEN_DAYS",
    "AlertsParams",
    "BacktestParams",
    "CalendarsParams",
    "CapacityParams",
    "CostsParams",
    "Definition",
    "FeaturesParams",
    "ForecastParams",
    "HiringPlanParams",
    "IngestParams",
    "KpiParams",
    "Measure",
    "Params",
    "ReportParams",
    "Risk",
    "SampleParams",
    "Scenario",
    "SelectParams",
    "ShiftsParams",
    "ShrinkageParams",
    "SitesParams",
    "TrackParams",
    "TrunksParams",
    "capacity_with",
]

MIN_OPEN_DAYS = 10
"""Reported open days that every model needs before a cutoff."""


class SampleParams(Section):
    """The sample that `make run` starts from."""

    enabled: bool = True
    """false: write no sample; only your own exports are read."""


class IngestParams(Section):
    """How exports are read."""

    timezone: Zone
    """IANA zone of the sites' wall time."""
    site_timezones: dict[str, Zone] = {}
    """Zones of sites that differ from it."""
    site: str = Field("main", min_length=1)
    """Site of exports that have no site column."""
    channel: str = Field("voice", min_length=1)
    """Channel of exports that have no channel column."""
    absent_rows: Literal["missing", "zero"] = "missing"
    """What an interval without a row means, on an open day with other rows: not reported, or nobody
    came. `zero` is for switches that leave out intervals without contacts."""
    calls_interval_min: Literal[5, 10, 15, 20, 30, 60] = 15
    """Length of the intervals that call-level records are folded into."""
    answer_within_s: float = Field(20, ge=0)
    """Limit of `answered_in_threshold` where it is counted from calls, and in the names of reports'
    columns that carry it."""
    short_abandon_s: float = Field(5, ge=0)
    """Who hangs up no later has abandoned short (call-level records)."""
    redial_window_min: float = Field(60, gt=0)
    """A caller who calls again within this time after hanging up in the queue redials."""
    redial_probability: Share | None = None
    """Share of callers who call again after hanging up, for exports without callers; null: as
    measured on those with callers, else not estimated."""
    leave_out: list[str] = []
    """Queues that are read and accounted for, and not forecast."""
    quarantine_share_max: Share = 0.0
    """Above this share of unreadable rows in a file, the run stops."""

    def zone(self, site: str) -> ZoneInfo:
        """Return the time zone of a site."""
        return ZoneInfo(self.site_timezones.get(site, self.timezone))


class FeaturesParams(Section):
    """The planning grid."""

    interval_min: Literal[5, 10, 15, 20, 30, 60] = 30
    ended_after_days: int = Field(28, ge=1)
    """A series without a report for so many days before the history's end has ended: it is named in
    the report and not forecast."""


class BacktestParams(Section):
    """Rolling origins and lead-time buckets."""

    weeks: int = Field(8, ge=1, le=104)
    """Scored weeks before the end of the history."""
    warmup_weeks: int = Field(10, ge=1, le=52)
    """Weeks before those, from which the first scored cutoffs are calibrated and chosen."""
    every_open_days: int = Field(2, ge=1, le=31)
    """A cutoff before every k-th open day."""
    horizons: dict[str, int] = {"1_day": 1, "1_week": 7, "2_weeks": 14, "4_weeks": 28}
    """Name of each lead-time bucket and its last day; the first day follows the bucket before."""

    @model_validator(mode="after")
    def _horizons_rise(self) -> Self:
        days = list(self.horizons.values())
        if not days or days[0] < 1 or any(a >= b for a, b in zip(days, days[1:], strict=False)):
            raise ValueError(f"horizons must be days from 1 on that rise; found {days}")
        return self


class SelectParams(Section):
    """How the champion is chosen."""

    weight_power: float = Field(8.0, ge=0, le=30)
    """The ensemble weighs a model by pinball loss to the power of minus this; 0: equal weights."""
    min_cutoffs: int = Field(3, ge=1)
    """Cutoffs with known truth before a model is calibrated or chosen by its losses."""


class ForecastParams(Section):
    """The live forecast."""

    horizon_days: int = Field(28, ge=1, le=550)
    paths: int = Field(400, ge=20, le=10_000)
    """Joint sample paths drawn."""


class ReportParams(Section):
    """What the report shows."""

    title: str = ""
    """Title of the page; empty: a plain one in its language."""
    history_weeks: int = Field(6, ge=1)
    """Weeks of history drawn before the forecast."""
    language: Literal["en", "zh"] = "en"
    """Of what is written for budget owners: plan.html, alerts, the workbook."""
    fewer_pct: float = Field(10, gt=0, lt=100)
    """By how many percent fewer agents the page shows what happens without the plan."""
    note: str = ""
    """A sentence shown at the top, for instance where the data come from."""
    workbook: bool = True
    """Whether plan.xlsx is written beside the page."""


class TrackParams(Section):
    """Names in MLflow."""

    experiment: str = Field(min_length=1)
    registered_model: str = Field(min_length=1)


class Params(Section):
    """All settings of the pipeline."""

    seed: int = Field(0, ge=0)
    """Seed of everything random."""
    sample: SampleParams
    ingest: IngestParams
    calendars: CalendarsParams
    features: FeaturesParams
    models: dict[str, dict[str, Any]] = Field(min_length=1)
    """Models in the backtest, by file name in forecast/models, with their options."""
    aht_models: dict[str, dict[str, Any]] = {}
    """The same for handle time, where the exports have it; empty: it is not forecast."""
    backtest: BacktestParams
    select: SelectParams
    forecast: ForecastParams
    capacity: CapacityParams
    shrinkage: ShrinkageParams | None = None
    """The shrinkage ledger; null: ``capacity.shrinkage`` holds for all and always."""
    costs: CostsParams | None = None
    """What everything costs; null: ``capacity.cost_per_paid_hour``, and nothing else."""
    kpi: KpiParams = KpiParams()
    trunks: TrunksParams | None = None
    """What lines are planned for; null: they are not."""
    alerts: AlertsParams = AlertsParams()
    """Coming peaks: what counts as one, and what would meet it."""
    scenarios: dict[str, Scenario]
    shifts: ShiftsParams | None = None
    """Contracts and shifts of a week; null: none are planned."""
    sites: SitesParams | None = None
    """Sites that share their load; null: each serves its own."""
    hiring: HiringPlanParams | None = None
    """Months to two years of classes; null: none are planned."""
    report: ReportParams
    track: TrackParams

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        longest = max(self.backtest.horizons.values())
        if self.forecast.horizon_days > longest:
            raise ValueError(
                f"forecast.horizon_days must be <= {longest}, the longest of backtest.horizons, "
                f"so that every lead is calibrated; found {self.forecast.horizon_days}"
            )
        if self.shrinkage and self.capacity.shrinkage != FLAT:
            raise ValueError(
                f"capacity.shrinkage is {self.capacity.shrinkage:g} and there is a section "
                "shrinkage, which replaces it; keep one"
            )
        if self.costs and self.costs.currency != self.capacity.currency:
            raise ValueError(
                f"costs.currency must be capacity.currency, {self.capacity.currency}; found "
                f"{self.costs.currency}"
            )
        if self.costs and self.costs.per_trunk_month is not None and self.trunks is None:
            raise ValueError(
                "costs.per_trunk_month has a price and the section trunks is null; say there what "
                "lines are planned for"
            )
        if self.scenarios.get("base") != Scenario():
            raise ValueError(
                "scenarios.base must be there and empty; the others are compared to it"
            )
        return self

    @classmethod
    def load(cls, path: str | Path) -> "Params":
        """Return the settings in a YAML file.

        Raises
        ------
        ParamsError
            Listing every key that is unknown, missing or out of bounds, with its path.
        """
        data = read_yaml(path)
        return cls._checked(data, str(path))

    @classmethod
    def _checked(cls, data: Any, where: str) -> "Params":
        params = validated(cls, data, where)
        for name in params.scenarios:
            params.capacity_of(name)
            params.shrinkage_of(name)
            params.costs_of(name)
            params.trunks_of(name)
        return params

    def override(self, changes: Mapping[str, Any], where: str = "override") -> "Params":
        """Return a validated copy with other values under dotted paths; ``where`` they come from.

        Examples
        --------
        >>> params = Params.load("params.yaml")
        >>> params.override({"capacity.answer_within_s": 15}).capacity.answer_within_s
        15.0
        """
        data = self.model_dump(exclude_unset=True)
        for path, value in changes.items():
            *parents, last = path.split(".")
            node: Any = data
            for parent in parents:
                node = node.setdefault(parent, {})
            node[last] = deepcopy(value)  # a later path may lie within it
        return self._checked(data, where)

    def capacity_of(self, name: str) -> CapacityParams:
        """Return the section `capacity` as a scenario, and what it extends, change it."""
        capacity = self.capacity
        for one, scenario in layers(name, self.scenarios).items():
            # Points go into the ledger where there is one, and not on top of the flat share.
            flat = {} if self.shrinkage is None else {"shrinkage_points": 0}
            capacity = capacity_with(capacity, one, scenario.model_copy(update=flat))
        return capacity

    def shrinkage_of(self, name: str) -> ShrinkageParams | None:
        """Return the section `shrinkage` as a scenario, and what it extends, change it."""
        ledger = self.shrinkage
        for one, scenario in layers(name, self.scenarios).items():
            ledger = ledger_with(ledger, one, scenario)
        return ledger

    def trunks_of(self, name: str) -> TrunksParams | None:
        """Return the section `trunks` as a scenario, and what it extends, change it."""
        trunks = self.trunks
        for one, scenario in layers(name, self.scenarios).items():
            trunks = trunks_with(trunks, one, scenario)
        return trunks

    def costs_of(self, name: str) -> CostsParams | None:
        """Return the section `costs` as a scenario, and what it extends, change it.

        Raises
        ------
        ParamsError
            When a scenario's contracts or lines cannot be paid from it.
        """
        costs = self.costs
        for one, scenario in layers(name, self.scenarios).items():
            costs = costs_with(costs, one, scenario)
        where = "" if name == "base" else f"scenarios.{name}: "
        refuse_unpaid(costs, self.capacity_of(name), where)
        return costs
