"""`forecast update`: from today's export to the rest of the day, on files, end to end."""

import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from forecast.calendars.build import build_calendar
from forecast.cli import app
from forecast.errors import ForecastError, InputError
from forecast.features import build_features, past_and_ahead
from forecast.intraday import DayModel, rest_of_today, update_day
from forecast.intraday.seen import champion_by_date, seen_intervals, strange_reports
from forecast.schema import (
    FEATURES,
    FORECAST,
    HISTORY,
    PATHS,
    QUANTILES,
    REQUIREMENT,
    SERIES,
    of_series,
)
from forecast.select import CHAMPION
from forecast.store import read_table, write_table
from forecast.workflow import forecast_weeks
from tests.conftest import make_history, raw_events

CUTOFF = pd.Timestamp("2024-04-01", tz="UTC")
TODAY = pd.Timestamp("2024-04-02", tz="UTC")
"""The second day of the forecast: Monday's counts came, nobody forecast again."""
SALES = ("main", "sales", "voice")


@pytest.fixture(scope="module")
def calls():
    """Two queues over 94 days; those from ``CUTOFF`` on are what comes true."""
    parts = [make_history(94), make_history(94, queue="service", seed=2, rate=25.0)]
    return HISTORY.validate(pd.concat(parts, ignore_index=True))


@pytest.fixture(scope="module")
def two(small_params, calls):
    return small_params.override({"forecast.paths": 300, "backtest.every_open_days": 4})


@pytest.fixture(scope="module")
def made(calls, two):
    before = calls[calls["ds"] < CUTOFF]
    built = build_calendar(before, raw_events(), two)
    features = build_features(before, built.calendar, built.events, two)
    past, _ = past_and_ahead(features)
    return forecast_weeks(before, built.calendar, built.events, two), past, before


@pytest.fixture(scope="module")
def finished(made, two, tmp_path_factory):
    """What the pipeline leaves, as far as the command reads it."""
    folder = tmp_path_factory.mktemp("project")
    done, features, history = made
    write_table(history, HISTORY, folder / "interim/history.parquet")
    write_table(features, FEATURES, folder / "interim/features.parquet")
    write_table(done.live.forecast, FORECAST, folder / "processed/forecast.parquet")
    write_table(done.past, FORECAST, folder / "processed/backtest.parquet")
    (folder / "params.yaml").write_text(yaml.safe_dump(two.model_dump(mode="json")))
    return folder


@pytest.fixture
def project(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "p")
    return tmp_path / "p"


def morning(calls, until="11:00", factor=1.0):
    """Return today's reports until a time, times a factor."""
    end = TODAY + pd.Timedelta(f"{until}:00")
    rows = calls[(calls["ds"] >= TODAY) & (calls["ds"] < end)]
    return rows.assign(offered=np.rint(rows["offered"] * factor).astype("int64"))


def exported(rows):
    """Return reports as an export of the package's own columns."""
    at = rows["ds"].dt.strftime("%Y-%m-%d %H:%M")
    table = rows.assign(interval_start=at, interval_minutes=rows["minutes"])
    return table[["interval_start", "queue", "interval_minutes", "offered"]]


def run(project, export, *, code=0):
    if isinstance(export, pd.DataFrame):
        export.to_csv(project / "now.csv", index=False)
    else:
        (project / "now.csv").write_text(export)
    words = ["now.csv", "interim", "processed", "out"]
    words = [str(project / word) for word in words]
    words += ["--params", str(project / "params.yaml"), "--profiles", str(project / "none")]
    done = CliRunner().invoke(app(), ["update", *words])
    if code:
        assert isinstance(done.exception, ForecastError), done.output
        assert done.exception.exit_code == code
        assert not (project / "out").exists()
        return str(done.exception)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def test_it_writes_the_rest_of_the_day_and_says_what_came(project, calls, made, two):
    said = run(project, exported(morning(calls)))
    rest = read_table(project / "out/today.parquet", FORECAST)
    paths = read_table(project / "out/today_paths.parquet", PATHS)
    staff = read_table(project / "out/today_requirement.parquet", REQUIREMENT)
    shown = pd.read_csv(project / "out/today.csv")
    now = TODAY + pd.Timedelta(hours=11)
    assert rest["ds"].min() == paths["ds"].min() == now
    assert rest["ds"].max() == TODAY + pd.Timedelta(hours=23.5)
    assert set(rest["model"]) == {CHAMPION}
    assert len(shown) == len(staff) == 2 * 14
    assert shown["interval_start"].min() == "2024-04-02 11:00"
    assert (shown["agents"] > 0).all()
    summed = shown.groupby("queue")["mean"].sum()
    assert summed.to_numpy() == pytest.approx(rest.groupby("queue")["mean"].sum().to_numpy())
    came = morning(calls).groupby("queue")["offered"].sum()
    for queue in ("sales", "service"):
        assert f"main/{queue}/voice, 2024-04-02: {came[queue]:,} contacts in 6 intervals" in said
    assert said.count("rest of the day as forecast: P10") == said.count("now: P10") == 2
    assert "ODD" not in said
    # The same by hand, from the two calls that a notebook makes.
    done, features, _ = made
    model = DayModel.of(of_series(done.past, SALES).query("model == 'champion'"), features)
    live = done.live.forecast
    own = of_series(live[live["model"] == CHAMPION], SALES)
    own = own[own["ds"].dt.normalize() == TODAY]
    seen = of_series(morning(calls), SALES).set_index("ds")["offered"]
    passed = own.loc[own["ds"] < now, "ds"]
    seen = seen.reindex(pd.DatetimeIndex(passed))
    by_hand = update_day(own, seen, model)
    names = ["ds", "mean", *QUANTILES]
    pd.testing.assert_frame_equal(
        of_series(rest, SALES)[names].reset_index(drop=True), by_hand[names].reset_index(drop=True)
    )


def test_a_day_a_third_up_is_said_to_be_odd_and_gets_more_agents(project, calls, made):
    usual = run(project, exported(morning(calls)))
    before = pd.read_csv(project / "out/today.csv")
    said = run(project, exported(morning(calls, factor=1.34)))
    after = pd.read_csv(project / "out/today.csv")
    assert said.count("AN ODD DAY") == 2
    assert "AN ODD DAY" not in usual
    pd.testing.assert_series_equal(before["mean_before"], after["mean_before"])
    up = after.groupby("queue")[["mean_before", "mean", "agents_before", "agents"]].sum()
    assert (up["mean"] / up["mean_before"]).between(1.15, 1.5).all()
    assert (up["agents"] > up["agents_before"]).all()


def test_equal_reports_give_equal_bytes(project, calls):
    written = []
    for _ in range(2):
        run(project, exported(morning(calls)))
        written.append([p.read_bytes() for p in sorted((project / "out").iterdir())])
    assert written[0] == written[1]


def test_the_interval_that_is_still_going_on_is_left_out(project, calls):
    rows = exported(morning(calls))
    cut = rows.assign(interval_minutes=10)
    at = pd.to_datetime(rows["interval_start"])
    tens = pd.concat(
        cut.assign(
            interval_start=(at + pd.Timedelta(minutes=m)).dt.strftime("%Y-%m-%d %H:%M"),
            offered=rows["offered"] // 3,
        )
        for m in (0, 10, 20)
    )
    running = tens[tens["interval_start"] < "2024-04-02 10:50"]
    said = run(project, running)
    assert "2 intervals are reported in part" in said
    assert pd.read_csv(project / "out/today.csv")["interval_start"].min() == "2024-04-02 10:30"


def test_a_queue_without_reports_keeps_its_forecast(project, calls):
    rows = morning(calls, factor=1.34)
    said = run(project, exported(rows[rows["queue"] == "sales"]))
    assert "main/service/voice, 2024-04-02: 0 contacts in 0 intervals" in said
    assert said.count("AN ODD DAY") == 1
    shown = pd.read_csv(project / "out/today.csv")
    silent = shown[shown["queue"] == "service"]
    assert silent["mean"].to_numpy() == pytest.approx(silent["mean_before"].to_numpy())
    assert silent["interval_start"].min() == "2024-04-02 11:00"


def test_a_day_wholly_reported_has_no_rest(project, calls):
    said = run(project, exported(morning(calls, until="18:00")))
    assert said.count("now: P10 0, P50 0, P90 0; up to 0 agents") == 2
    assert pd.read_csv(project / "out/today.csv").empty


def test_intervals_left_out_are_zeros_where_the_settings_say_so(calls, made, two):
    rows = morning(calls)
    at = TODAY + pd.Timedelta(hours=9)
    rows = rows[(rows["queue"] != "sales") | (rows["ds"] != at)]
    champion = champion_by_date(made[0].live.forecast, two)
    told, _ = seen_intervals(rows, champion, two)
    assert at not in set(of_series(told, SALES)["ds"])
    sparse = two.override({"ingest.absent_rows": "zero"})
    told, _ = seen_intervals(rows, champion, sparse)
    own = of_series(told, SALES).set_index("ds")["offered"]
    assert own[at] == 0
    assert own.sum() == of_series(rows, SALES)["offered"].sum()


def test_a_day_is_the_sites_own(calls, made, two):
    live = made[0].live.forecast
    late = morning(calls, until="17:00")
    assert strange_reports(late, champion_by_date(live, two), two).empty
    # In Shanghai the next day begins at 16:00 UTC.
    far = two.override({"ingest.timezone": "Asia/Shanghai"})
    wrong = strange_reports(late, champion_by_date(live, far), far)
    assert late.loc[wrong.index, "ds"].max() == TODAY + pd.Timedelta(hours=15.5)
    assert len(wrong) == 2 * 16
    assert wrong.str.contains("is not of 2024-04-03").all()


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        (
            lambda text: text.replace("09:00,service", "09:00,servise"),
            ["now.csv, line 10: main/servise/voice", "queue that is not forecast", "main/service"],
        ),
        (
            lambda text: text.replace("2024-04-02 08:30,sales", "2024-04-01 08:30,sales"),
            ["now.csv, line 3: main/sales/voice 2024-04-01 08:30", "the reports of one day"],
        ),
        (
            lambda text: text.replace("2024-04-02", "2024-03-28"),
            ["now.csv, line 2", "outside the forecast, 2024-04-01 to 2024-04-07", "forecast again"],
        ),
        (
            lambda text: text + "2024-04-02 08:30,sales,30,99\n",
            ["now.csv, line 14, column offered", "line 3", "keep the right row"],
        ),
        (
            lambda text: text.replace("09:00,service,30,", "09:00,service,30,-"),
            ["now.csv, line 10, column offered", "must not be negative; found '-"],
        ),
        (
            lambda text: text.replace("offered", "calls"),
            ["now.csv, line 1", "'offered' is missing"],
        ),
        (lambda text: text.replace(",30,", ",60,"), ["now.csv, line"]),
        (lambda text: text.splitlines()[0] + "\n", ["no row could be accepted"]),
    ],
    ids=["queue", "other day", "before", "twice", "negative", "column", "too long", "empty"],
)
def test_bad_reports_are_refused_with_file_line_and_what_to_do(project, calls, change, messages):
    text = change(exported(morning(calls)).to_csv(index=False))
    said = run(project, text, code=InputError.exit_code)
    for message in messages:
        assert message in said


def test_without_a_file_or_a_finished_run_it_says_what_lacks(project, calls):
    words = [str(project / w) for w in ("none.csv", "interim", "processed", "out")]
    done = CliRunner().invoke(app(), ["update", *words, "--params", str(project / "params.yaml")])
    assert "none.csv is not there" in str(done.exception)
    (project / "processed/backtest.parquet").unlink()
    said = run(project, exported(morning(calls)), code=InputError.exit_code)
    assert "backtest.parquet is not there; run the stage" in said


def test_the_library_refuses_what_is_not_todays(made, calls, two):
    done, features, _ = made
    live = done.live.forecast
    two_days = calls[(calls["ds"] >= CUTOFF - pd.Timedelta(days=1)) & (calls["ds"] < TODAY)]
    with pytest.raises(ForecastError, match="tell nothing about today"):
        rest_of_today(live, two_days, done.past, features, two)
    with pytest.raises(ForecastError, match="no rows of model 'champion'"):
        rest_of_today(live[live["model"] != CHAMPION], two_days, done.past, features, two)
    part = morning(calls, until="08:30").assign(minutes=10)
    with pytest.raises(ForecastError, match="none of the 2 intervals"):
        rest_of_today(live, part, done.past, features, two)
    before = morning(calls), live.copy()
    told = rest_of_today(live, before[0], done.past, features, two)
    assert list(told.summary[list(SERIES)].itertuples(index=False, name=None)) == [
        SALES,
        ("main", "service", "voice"),
    ]
    pd.testing.assert_frame_equal(before[0], morning(calls))
    pd.testing.assert_frame_equal(live, before[1])


def test_a_young_queue_is_updated_as_days_usually_deviate(made, two, calls):
    """No past day of it was forecast: the others' update must not fail for it."""
    forecast, past, _ = made
    morning = calls[calls["ds"].between(TODAY, TODAY + pd.Timedelta(hours=12))]
    without = forecast.past[forecast.past["queue"] != "service"]
    today = rest_of_today(forecast.live.forecast, morning, without, past, two)
    assert set(today.summary["queue"]) == {"sales", "service"}
    assert (today.forecast["q90"] >= today.forecast["q10"]).all()
