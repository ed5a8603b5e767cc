"""One frozen, typed ``Params``, read from params.yaml; its sections are named like the DVC stages.

An unknown key or a value out of bounds is refused with its path and the rule. ``override`` gives a
validated copy, which is how a scenario or a notebook changes a setting.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    model_validator,
)

from forecast.errors import ParamsError, listed
from forecast.params.calendar import CalendarsParams
from forecast.params.scenario import Scenario, layers
from forecast.settings import Section, Share, Zone
from forecast.yamlfile import read_yaml

Risk = Literal["mean", "p10", "p50", "p90", "expected", "confident"]
"""What is staffed for: see ``capacity.requirements.agents_at``."""
Definition = Literal["offered", "answered", "excluded", "met", "missed"]
"""Of service level, as in ``queueing.result``."""
MIN_OPEN_DAYS = 10
"""Reported open days that every model needs before a cutoff."""
M = TypeVar("M", bound=BaseModel)


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


class CapacityParams(Section):
    """Staffing rules and the assumptions that an export without handle time needs."""

    service_level_target: float = Field(0.80, gt=0, lt=1)
    answer_within_s: float = Field(20, ge=0)
    definition: Definition = "offered"
    """How contacts that hang up count in the service level: offered, answered, excluded, met or
    missed (docs/queueing.md)."""
    asa_max_s: float | None = Field(None, gt=0)
    """Longest mean wait; null: no such goal."""
    abandonment_max: float | None = Field(None, gt=0, lt=1)
    """Largest share that may hang up; needs `patience_s`. null: no such goal."""
    p_wait_max: float | None = Field(None, gt=0, lt=1)
    """Largest share that may have to wait at all; null: no such goal."""
    aht_s: float | None = Field(None, gt=0)
    """Assumed handle time; null: measured over the last `aht_weeks` of the history."""
    aht_weeks: int = Field(8, ge=1)
    patience_s: float | None = Field(None, gt=0)
    """Assumed mean patience of callers (Erlang A); null: nobody hangs up (Erlang C)."""
    redial: float = Field(0.0, ge=0, lt=1)
    """Share of those who hang up who call again, fed back into the load; needs `patience_s`."""
    shrinkage: float = Field(0.30, ge=0, lt=1)
    """Share of paid time that is not on position: leave, training, breaks, sickness."""
    occupancy_max: float = Field(0.85, gt=0, le=1)
    """Ceiling on occupancy; 1: none."""
    agents_min: int = Field(0, ge=0)
    """Positions filled in every open interval, whoever calls."""
    pools: dict[str, list[str]] = {}
    """Queues that one team serves: its name and theirs. All others have a team of their own."""
    plan_at: Risk = "expected"
    """What is staffed: the mean, median (p50), p10 or p90 of the rate; `expected`: the target is
    met over all contacts that may come; `confident`: with the probability `confidence`."""
    confidence: float = Field(0.9, gt=0, lt=1)
    """Probability with which every interval meets the target where `plan_at` is `confident`."""
    cost_per_paid_hour: float = Field(gt=0)
    currency: str = Field(min_length=1, max_length=4)
    fte_hours_per_week: float = Field(40, gt=0, le=168)
    assumed: list[Literal["aht_s", "patience_s", "shrinkage", "cost_per_paid_hour"]] = []
    """Which of the above are assumptions rather than measured; every output repeats them."""

    @model_validator(mode="after")
    def _assumes_what_it_has(self) -> Self:
        empty = [name for name in self.assumed if getattr(self, name) is None]
        if empty:
            raise ValueError(f"assumed names {', '.join(empty)}, which has no value; drop the name")
        patient = [name for name in ("abandonment_max", "redial") if getattr(self, name)]
        if patient and self.patience_s is None:
            raise ValueError(f"{patient[0]} needs patience_s: without it nobody hangs up")
        return self


class ReportParams(Section):
    """What the report shows."""

    title: str = Field(min_length=1)
    history_weeks: int = Field(6, ge=1)
    """Weeks of history drawn before the forecast."""
    note: str = ""
    """A sentence shown at the top, for instance where the data come from."""


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
    scenarios: dict[str, Scenario]
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
        params = _validated(cls, data, where)
        for name in params.scenarios:
            params.capacity_of(name)
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
            node[last] = value
        return self._checked(data, where)

    def capacity_of(self, name: str) -> CapacityParams:
        """Return the section `capacity` as a scenario, and what it extends, change it."""
        capacity = self.capacity
        for one, scenario in layers(name, self.scenarios).items():
            capacity = capacity_with(capacity, one, scenario)
        return capacity


def capacity_with(capacity: CapacityParams, name: str, scenario: Scenario) -> CapacityParams:
    """Return the section `capacity` as one scenario changes it.

    The shrinkage lever adds points: +5 turns 0.30 into 0.35.

    Raises
    ------
    ParamsError
        When a key is unknown or out of bounds, or set by a lever too.
    """
    changed = {**capacity.model_dump(), **scenario.capacity}
    for lever, key in (("shrinkage_points", "shrinkage"), ("wage_pct", "cost_per_paid_hour")):
        if getattr(scenario, lever) and key in scenario.capacity:
            raise ParamsError(f"scenarios.{name} sets capacity.{key} and {lever}; keep one")
    if scenario.shrinkage_points:
        changed["shrinkage"] = round(capacity.shrinkage + scenario.shrinkage_points / 100, 9)
    changed["cost_per_paid_hour"] *= 1 + scenario.wage_pct / 100
    where = f"scenarios.{name}"
    return _validated(CapacityParams, changed, where, f"{where}.capacity")


def _validated(model: type[M], data: Any, where: str, prefix: str = "") -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ParamsError(f"{where} is refused:\n{listed(_messages(error, prefix))}") from None


def _messages(error: ValidationError, prefix: str = "") -> list[str]:
    lines = []
    for item in error.errors():
        path = ".".join([*([prefix] if prefix else []), *(str(part) for part in item["loc"])])
        if item["type"] == "extra_forbidden":
            rule = "is no known key"
        else:
            rule = item["msg"].removeprefix("Value error, ").replace("Input should", "must")
        missing_or_unknown = item["type"] in {"extra_forbidden", "missing"}
        found = item["input"]
        shown = isinstance(found, str | int | float | bool | date) or found is None
        lines.append(
            f"{path or 'params'}: {rule}"
            + (f"; found {found!r}" if shown and not missing_or_unknown else "")
        )
    return lines
