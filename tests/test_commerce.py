"""The invented e-commerce centre: what came agrees with the truth that it tells."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from forecast.schema import HISTORY, SERIES, by_series
from forecast.synthetic.commerce import WEEKDAYS, make_commerce
from forecast.synthetic.commerce_days import day_factors
from forecast.synthetic.commerce_spec import SITES, CommerceSpec, PlainRule
from forecast.synthetic.plain_rule import agents_in_shifts, plain_forecast
from forecast.synthetic.sales import shapes

SHORT = CommerceSpec(weeks=8, weeks_ahead=1)
TABLES = ("history", "rates", "sales", "orders", "people")


@pytest.fixture(scope="module")
def centre():
    """The three years of the demonstration."""
    return make_commerce(CommerceSpec(), seed=11)


def text_of(centre):
    return [getattr(centre, name).to_csv() for name in TABLES]


def local_days(centre, queue):
    """Contacts and rate of Hangzhou's days in one queue of calls."""
    rates, history = centre.rates, centre.history
    own = (rates["site"] == "hangzhou") & (rates["queue"] == queue) & (rates["channel"] == "voice")
    frame = rates[own].assign(offered=history.loc[own, "offered"])
    return frame.groupby(frame["local"].dt.normalize())[["offered", "rate"]].sum()


def test_two_sites_four_queues_calls_and_chats_three_years(centre):
    assert centre.history["site"].nunique() == 2
    assert centre.history["queue"].nunique() == 4
    assert set(centre.history["channel"]) == {"voice", "chat"}
    zones = {site.zone for site in centre.spec.sites}
    assert len(zones) == 2
    past = centre.past()
    assert (past["ds"].max() - past["ds"].min()).days >= 3 * 365
    assert len(past) < len(centre.history)


def test_answer_rate_handle_time_and_attrition_are_those_of_the_brief(centre):
    past = centre.past()
    sums = past[["offered", "answered", "talk_s", "hold_s", "wrap_s"]].sum()
    assert sums["answered"] / sums["offered"] == pytest.approx(0.85, abs=0.015)
    handled = sums[["talk_s", "hold_s", "wrap_s"]].sum()
    assert handled / sums["answered"] == pytest.approx(200, abs=5)
    heads = centre.people["heads"].sum()
    assert centre.people["left"].sum() / heads == pytest.approx(0.2, abs=4 * 0.4 / heads**0.5)


def test_what_is_offered_is_answered_or_given_up(centre):
    history = HISTORY.validate(centre.history)
    assert (history["answered"] + history["abandoned"] == history["offered"]).all()
    assert (history["answered_in_threshold"] <= history["answered"]).all()


def test_contacts_are_poisson_around_the_true_rate(centre):
    rate, offered = centre.rates["rate"], centre.history["offered"]
    z = (offered - rate) / np.sqrt(rate)
    assert abs(z.mean()) < 4 / len(z) ** 0.5
    assert z.var() == pytest.approx(1, abs=0.03)


def test_same_seed_same_bytes_another_seed_another_centre():
    one, again, other = (text_of(make_commerce(SHORT, seed=seed)) for seed in (7, 7, 8))
    assert one == again
    assert all(a != b for a, b in zip(one[:2], other[:2], strict=True))


def test_a_sale_peaks_in_orders_and_its_wave_in_complaints_days_later(centre):
    orders, complaints = (
        local_days(centre, q)["offered"] for q in ("orders", "logistics_complaints")
    )
    for year in (2023, 2024):
        usual = slice(f"{year}-10-09", f"{year}-10-29")
        sale, wave = f"{year}-11-10", slice(f"{year}-11-13", f"{year}-11-16")
        assert orders[sale] > 1.7 * orders[usual].mean()
        assert complaints[wave].mean() > 1.8 * complaints[usual].mean()
        assert complaints[wave].mean() > complaints[sale]
        assert orders[wave].mean() < 0.75 * orders[sale]
    assert orders["2024-06-17"] > 1.5 * orders["2024-05-20":"2024-06-03"].mean()


def test_the_calendars_of_both_countries_are_in_it(centre):
    complaints = local_days(centre, "logistics_complaints")["rate"]
    festival = complaints["2024-02-09":"2024-02-13"].mean()
    assert festival < 0.6 * complaints["2024-01-20":"2024-02-03"].mean()
    local = centre.rates.loc[centre.rates["site"] == "warsaw", "local"].dt.normalize()
    assert not (local == "2024-11-11").any()  # Poland's Independence Day
    assert (local == "2024-11-12").any()


def test_a_makeup_workday_is_as_busy_as_the_day_that_it_stands_for():
    day = pd.Series(pd.to_datetime(["2024-02-04", "2024-02-05"]))  # Sunday, worked as a Thursday
    week = (1.0, 1.0, 1.0, 0.9, 1.0, 1.0, 0.6)
    assert day_factors(day, SITES[0], week)[0] == pytest.approx(0.9 / 0.6)
    assert len(WEEKDAYS) == 7


def test_both_sites_keep_their_wall_clock_over_clock_changes(centre):
    for (site, *_), own in by_series(centre.rates[[*SERIES, "ds", "local"]]):
        first = own["local"].groupby(own["local"].dt.normalize()).min()
        assert set(first.dt.strftime("%H:%M")) == {centre.spec.site(site).opens}
    warsaw = centre.rates[centre.rates["site"] == "warsaw"]
    opens = warsaw[warsaw["local"].dt.strftime("%H:%M") == "09:00"]
    assert set(opens["ds"].dt.strftime("%H:%M")) == {"07:00", "08:00"}


def test_the_plain_rule_by_hand():
    offered = np.array([[10.0, np.nan]] * 7 + [[20.0, 5.0]] * 7 + [[np.nan, 7.0]] * 7)
    planned = plain_forecast(offered, np.array([1.0, 1.1, 0.5]), 1.15)
    assert planned[7, 0] == pytest.approx(10 * 1.1 * 1.15)
    assert planned[14].tolist() == pytest.approx([20 * 0.5 * 1.15, 5 * 0.5 * 1.15])
    # 4 x 45 contacts in two hours over 0.8 x 3600 / (0.78 x 200) = 18.46 an hour are 4.9 agents.
    rule = PlainRule(occupancy=0.8, block_min=120)
    assert agents_in_shifts(np.full((1, 4), 45.0), 200, 30, rule).tolist() == [[5] * 4]


def test_a_wave_is_highest_on_its_day():
    sale = pd.Series({"presale": "2024-11-01", "start": "2024-11-10", "end": "2024-11-12"})
    days = pd.Series(pd.date_range("2024-11-01", "2024-12-20"))
    wave = shapes(days, sale, 7)["wave"]
    assert days[wave.argmax()] == pd.Timestamp("2024-11-19")
    assert wave.max() == pytest.approx(1)
    assert wave[-1] == 0


def test_a_history_must_begin_on_a_monday():
    with pytest.raises(ValidationError, match=r"first_day must be a Monday; found Tuesday"):
        CommerceSpec(first_day="2022-10-18")


def test_a_queue_must_be_at_a_site():
    with pytest.raises(ValidationError, match=r"queues name sites \['warsaw'\]"):
        CommerceSpec(sites=SITES[:1])
