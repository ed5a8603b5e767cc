"""A bank in New York: weekdays 08:00 to 18:00, closed on all public holidays but Columbus Day."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from forecast.calendars.events.raw import COLUMNS, read_events
from forecast.params import Params
from tests.calendars.calls import WORKDAYS


@pytest.fixture(scope="session")
def bank(params: Params) -> Params:
    return params.override(
        {
            "ingest": {"timezone": "America/New_York"},
            "calendars": {
                "country": "US",
                "open_on_holidays": ["Columbus Day"],
                "opening_hours": [{"days": WORKDAYS, "opens": "08:00", "closes": "18:00"}],
            },
            "features.interval_min": 30,
            "forecast.horizon_days": 7,
        }
    )


@pytest.fixture
def events(tmp_path: Path) -> Callable[..., pd.DataFrame]:
    """Return a function that reads raw events from rows of a promotions file."""

    def read(
        *rows: str,
        queues: tuple[str, ...] = ("sales", "service"),
        sites: tuple[str, ...] = ("main", "delft"),
    ) -> pd.DataFrame:
        path = tmp_path / "promotions.csv"
        path.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
        return read_events(path, set(queues), set(sites))

    return read
