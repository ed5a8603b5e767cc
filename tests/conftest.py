"""What many tests start from: the repository's own settings and small centres with known truth."""

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from xdist.scheduler import LoadScopeScheduling

from forecast.calendars.build import build_calendar
from forecast.calendars.events.raw import raw_table, scaled
from forecast.features import build_features
from forecast.params import Params
from forecast.schema import CALENDAR, EVENT_DAYS, FORECAST, HISTORY, KIND_EFFECTS, PATHS
from forecast.store import write_table

ROOT = Path(__file__).parents[1]


PIPELINE, NOTEBOOKS = "tests/pipeline/", "tests/test_notebooks.py"
LONGEST = (PIPELINE, "tests/test_benchmark.py", NOTEBOOKS, "tests/effects/", "tests/acd/")
"""What takes minutes, and is begun with so that no worker is left with it at the end."""


class Scheduling(LoadScopeScheduling):
    """Each file to one worker, which makes its fixtures once; the pipeline's are its folder's."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(PIPELINE):
            return PIPELINE
        return nodeid if nodeid.startswith(NOTEBOOKS) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    config.option.loadscopereorder = False
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(
        key=lambda item: next(
            (place[name] for name in LONGEST if item.nodeid.startswith(name)), len(LONGEST)
        )
    )


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def params() -> Params:
    return Params.load(ROOT / "params.yaml")


def make_history(
    days: int, *, queue: str = "sales", minutes: int = 30, seed: int = 1, rate: float = 40.0
) -> pd.DataFrame:
    """Return Poisson counts, 08:00 to 18:00 UTC every day, with a shape and busy Mondays."""
    rng = np.random.default_rng(seed)
    steps = 10 * 60 // minutes
    day = pd.date_range("2024-01-01 08:00", periods=days, freq="D", tz="UTC", unit="us")
    ds = day.repeat(steps) + pd.to_timedelta(np.tile(np.arange(steps), days) * minutes, unit="min")
    shape = 1 + 0.5 * np.sin(np.pi * np.tile(np.arange(steps), days) / steps)
    busy = np.where(ds.day_of_week == 0, 1.4, 1.0)
    level = np.repeat(rng.normal(1, 0.05, days), steps)
    frame = pd.DataFrame(
        {
            "site": "main",
            "queue": queue,
            "channel": "voice",
            "ds": ds,
            "minutes": minutes,
            "offered": rng.poisson(rate * shape * busy * level),
        }
    )
    return HISTORY.validate(frame.reindex(columns=HISTORY.names))


@pytest.fixture(scope="session")
def small_params(params: Params) -> Params:
    """Settings for ``make_history``: its hours, open on holidays, a short backtest."""
    return params.override(
        {
            "ingest.timezone": "UTC",
            "calendars.country": "US",
            "calendars.open_on_holidays": [
                "New Year's Day",
                "Martin Luther King Jr. Day",
                "Washington's Birthday",
            ],
            "calendars.opening_hours": [
                {
                    "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                    "opens": "08:00",
                    "closes": "18:00",
                }
            ],
            "models": {"seasonal_naive": {}, "same_weekday_mean": {"weeks": 4}},
            "aht_models": {"seasonal_naive": {}, "same_weekday_mean": {"weeks": 6}},
            "backtest.weeks": 3,
            "backtest.warmup_weeks": 4,
            "backtest.horizons": {"1_day": 1, "1_week": 7},
            "forecast.horizon_days": 7,
            "forecast.paths": 200,
        }
    )


class Told(NamedTuple):
    """FEATURES, and the EVENTS that go with them."""

    features: pd.DataFrame
    events: pd.DataFrame


def raw_event(
    event_id: str, start: str, end: str, announced_on: str = "", **more: object
) -> dict[str, Any]:
    """Return a raw event from one moment to another, announced at its start unless told else."""
    event = {
        "event_id": event_id,
        "name": event_id,
        "kind": "promotion",
        "start": pd.Timestamp(start),
        "end": pd.Timestamp(end),
        "queues": "all",
        "sites": "all",
        "announced_on": pd.Timestamp(announced_on or start),
        "source": "test",
    }
    return {**event, **more}


def raw_events(*events: dict[str, Any]) -> pd.DataFrame:
    """Return raw events as the readers of files do."""
    return scaled(raw_table(events))


def told_of(
    history: pd.DataFrame,
    params: Params,
    *events: dict[str, Any],
    overrides: pd.DataFrame | None = None,
) -> Told:
    """Return FEATURES and EVENTS of a history, with the calendar that the settings give."""
    built = build_calendar(history, raw_events(*events), params, overrides)
    return Told(build_features(history, built.calendar, built.events, params), built.events)


def features_of(history: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return FEATURES of a history without events."""
    return told_of(history, params).features


HOSTILE_NAME = (
    "<img src=x onerror=\"document.title='run'\"><script>alert(1)</script>\U0001f389\u202e"
    + "\u05d0=cmd" * 50
)
"""What would run in a page; an emoji, a sign that turns the direction, and 250 signs more."""


def promotion_ahead() -> pd.DataFrame:
    """Return EVENT_DAYS of one promotion that lifts 2024-03-13 by a half."""
    day = pd.Timestamp("2024-03-13")
    row = {"site": "main", "queue": "sales", "channel": "voice", "target": "offered"}
    row |= {"event_id": HOSTILE_NAME, "kind": "sale", "effect": 1.5}
    times = {"start": [day], "local": [day]}
    frame = pd.DataFrame([row]).assign(**times)
    return frame.astype(dict.fromkeys(times, "datetime64[us]"))[EVENT_DAYS.names]


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory, small_params: Params) -> Path:
    """Return a project's folder with what `make run` leaves for a what-if: two weeks, 40 paths.

    A promotion of a hostile name makes its second Wednesday half as busy again.
    """
    folder = tmp_path_factory.mktemp("project")
    history = make_history(60)
    built = build_calendar(history, raw_events(), small_params)
    later = pd.date_range("2024-03-04 08:00", periods=14, tz="UTC", unit="us")
    ds = later.repeat(20) + pd.to_timedelta(np.tile(np.arange(20), 14) * 30, unit="min")
    level = np.random.default_rng(2).normal(1, 0.1, (40, 14)).repeat(20, axis=1)
    offered = np.random.default_rng(3).poisson(200 * level)
    paths = pd.DataFrame(
        {
            "site": "main",
            "queue": "sales",
            "channel": "voice",
            "path": np.arange(40).repeat(len(ds)),
            "ds": list(ds) * 40,
            "open_min": 30.0,
            "offered": offered.ravel(),
            "aht_s": np.nan,
        }
    )
    write_table(paths, PATHS, folder / "data/processed/paths.parquet")
    write_table(FORECAST.empty(), FORECAST, folder / "data/processed/forecast.parquet")
    write_table(KIND_EFFECTS.empty(), KIND_EFFECTS, folder / "data/processed/kind_effects.parquet")
    write_table(promotion_ahead(), EVENT_DAYS, folder / "data/processed/event_days.parquet")
    write_table(history, HISTORY, folder / "data/interim/history.parquet")
    write_table(built.calendar, CALENDAR, folder / "data/interim/calendar.parquet")
    shutil.copy(ROOT / "params.yaml", folder / "params.yaml")
    return folder


@pytest.fixture(scope="session")
def small_history() -> pd.DataFrame:
    return make_history(90)


@pytest.fixture(scope="session")
def small_told(small_history: pd.DataFrame, small_params: Params) -> Told:
    return told_of(small_history, small_params)


@pytest.fixture(scope="session")
def small_features(small_told: Told) -> pd.DataFrame:
    return small_told.features


@pytest.fixture(scope="session")
def small_events(small_told: Told) -> pd.DataFrame:
    return small_told.events
