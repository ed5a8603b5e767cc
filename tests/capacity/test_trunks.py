"""Trunks: against published tables, a Markov chain, an event simulation, and laws."""

import heapq

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.capacity.demand import Demand
from forecast.capacity.trunks import Callers, blocking_by_trunks, trunk_table, trunks_for
from forecast.errors import InputError
from forecast.queueing import erlang_b, trunks_for_blocking
from forecast.queueing.finite import finite_room


def one_queue(load, agents, patience_s, menu=0.0, aht_s=200.0):
    return Callers(
        np.array([load / aht_s]), np.array([aht_s]), np.array([agents]), patience_s, menu
    )


@pytest.mark.parametrize(
    ("load", "blocking", "trunks"),
    # Erlang B tables of the trade: 1 % and 0.1 % of loads in erlangs.
    [(5, 0.01, 11), (10, 0.01, 18), (20, 0.01, 30), (10, 0.001, 21), (100, 0.01, 117)],
)
def test_agents_for_every_trunk_are_erlang_b(load, blocking, trunks):
    assert trunks_for(one_queue(load, 1000, None), blocking) == trunks
    # Nor does it matter whether the time is talk or menu.
    assert trunks_for(one_queue(load / 2, 1000, None, menu=load / 2), blocking) == trunks


@pytest.mark.parametrize("patience", [None, 60.0, 600.0])
@pytest.mark.parametrize(("load", "agents"), [(5, 7), (10, 9), (40, 42), (30, 24)])
def test_without_a_menu_it_is_the_finite_room(load, agents, patience):
    found = blocking_by_trunks(one_queue(load, agents, patience), agents + 20)
    rooms = np.arange(agents, agents + 21)
    said = finite_room(
        load, agents, rooms, aht_s=200.0, answer_within_s=20, patience_s=patience
    ).blocking
    np.testing.assert_allclose(found[agents:], said, rtol=1e-9)


def chain_blocking(callers, menu_s, stay, trunks):
    """Return blocking by the balance of every state (calls in the menu, calls of two queues)."""
    calls = callers.per_s.sum() / (1 - stay)
    assert callers.menu_erlangs == pytest.approx(calls * menu_s)
    states = [
        (m, a, b)
        for m in range(trunks + 1)
        for a in range(trunks + 1 - m)
        for b in range(trunks + 1 - m - a)
    ]
    at = {state: i for i, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    for m, a, b in states:
        i = at[m, a, b]
        if m + a + b < trunks:
            rates[i, at[m + 1, a, b]] += calls
        if m:
            rates[i, at[m - 1, a, b]] += m / menu_s * stay
            for queue, to in ((0, (m - 1, a + 1, b)), (1, (m - 1, a, b + 1))):
                part = callers.per_s[queue] / callers.per_s.sum()
                rates[i, at[to]] += m / menu_s * (1 - stay) * part
        for queue, (there, to) in enumerate(((a, (m, a - 1, b)), (b, (m, a, b - 1)))):
            if there:
                agents, aht = callers.agents[queue], callers.aht_s[queue]
                leave = min(there, agents) / aht + max(there - agents, 0) / callers.patience_s
                rates[i, at[to]] += leave
    balance = (rates - np.diag(rates.sum(axis=1))).T
    balance[-1] = 1
    share = np.linalg.solve(balance, np.r_[np.zeros(len(states) - 1), 1])
    return sum(share[i] for state, i in at.items() if sum(state) == trunks)


@pytest.mark.parametrize("trunks", [3, 6, 9])
def test_menu_and_two_queues_equal_the_markov_chain(trunks):
    per_s, stay, menu_s = np.array([0.01, 0.006]), 0.4, 45.0
    menu = per_s.sum() / (1 - stay) * menu_s
    callers = Callers(per_s, np.array([200.0, 300.0]), np.array([2, 1]), 90.0, menu)
    found = blocking_by_trunks(callers, trunks)[trunks]
    assert found == pytest.approx(chain_blocking(callers, menu_s, stay, trunks), rel=1e-9)


def simulated_blocking(rng, callers, menu_s, trunks, calls):
    """Return blocking of calls with a menu of fixed length, one event after the other."""
    (rate,), (aht,), (agents,) = callers.per_s, callers.aht_s, callers.agents
    gaps = rng.exponential(1 / rate, calls)
    talk, patience = rng.exponential(aht, calls), rng.exponential(callers.patience_s, calls)
    arrivals, free, ends, blocked = np.cumsum(gaps), [0.0] * agents, [], 0
    for i, arrival in enumerate(arrivals):
        while ends and ends[0] <= arrival:
            heapq.heappop(ends)
        if len(ends) >= trunks:
            blocked += 1
            continue
        asks = arrival + menu_s  # All menus are of one length: first in, first to ask.
        start = max(asks, free[0])
        if start - asks > patience[i]:
            heapq.heappush(ends, asks + patience[i])
        else:
            heapq.heapreplace(free, start + talk[i])
            heapq.heappush(ends, start + talk[i])
    return blocked / calls


def test_a_simulation_with_menus_of_fixed_length_agrees():
    # The product form holds for menus of any law; the simulated one is not exponential.
    callers = one_queue(10, 10, 300.0, menu=2.0)
    rng = np.random.default_rng(7)
    runs = [simulated_blocking(rng, callers, 40.0, 17, 20_000) for _ in range(12)]
    half_width = 3.1 * np.std(runs, ddof=1) / np.sqrt(len(runs))  # 99 %, t with 11
    assert half_width < 0.006
    assert abs(np.mean(runs) - blocking_by_trunks(callers, 17)[17]) < half_width


def test_erlang_b_of_the_mean_time_on_the_line_is_not_enough_where_callers_wait():
    # Ten erlangs, twelve agents, nobody hangs up: 14.2 lines on average.
    callers = one_queue(10, 12, None, menu=2.0)
    by_mean = int(trunks_for_blocking(14.25, 0.01))
    assert trunks_for(callers, 0.01) == by_mean + 3
    assert blocking_by_trunks(callers, by_mean)[by_mean] > 0.015


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.1, 60), st.integers(1, 70), st.floats(20, 900), st.floats(0, 20),
    st.sampled_from([0.001, 0.01, 0.05]),
)  # fmt: skip
def test_laws(load, agents, patience, menu, blocking):
    callers = one_queue(load, agents, patience, menu)
    n = trunks_for(callers, blocking)
    shares = blocking_by_trunks(callers, n + 5)
    assert shares[n] <= blocking < shares[n - 1]
    assert (np.diff(shares) <= 1e-12).all()
    assert trunks_for(callers, blocking / 2) >= n
    assert trunks_for(one_queue(load * 1.3, agents, patience, menu), blocking) >= n
    assert trunks_for(one_queue(load, agents, patience, menu + 3), blocking) >= n
    assert trunks_for(one_queue(load, agents, patience * 2, menu), blocking) >= n


def demand_of(rate, *, sites=("a",), queues=("sales",), channel="voice", aht_s=200.0):
    """Return a demand with rates (intervals of a queue x paths), alike for all queues."""
    ds = pd.date_range("2024-06-18 08:00", periods=len(rate), freq="30min", tz="UTC", unit="us")
    keys = [
        {"site": s, "queue": q, "channel": channel, "ds": t, "open_min": 30.0}
        for s in sites for q in queues for t in ds
    ]  # fmt: skip
    copies = len(sites) * len(queues)
    return Demand(
        pd.DataFrame(keys), np.tile(rate, (copies, 1)), np.full(len(keys), aht_s), weeks=1.0
    )


RNG = np.random.default_rng(3)
RATE = RNG.gamma(20, 90 / 20, (6, 200)) * np.array([0.5, 0.8, 1, 1.2, 1, 0.6])[:, None]
ASK = {"ivr_s": 40.0, "blocking_max": 0.01, "patience_s": 120.0}


def test_a_quantile_is_enough_on_so_many_paths():
    demand = demand_of(RATE)
    agents = np.full(6, 13)
    table = trunk_table(demand, agents, **ASK).set_index("quantile")
    busiest = RATE.max(axis=0)
    alone = [
        trunks_for(one_queue(calls / 9, 13, 120.0, menu=calls / 1800 * 40), 0.01)
        for calls in busiest
    ]
    for q in (0.5, 0.9, 0.99):
        assert (np.array(alone) <= table["trunks"][q]).mean() >= q
        assert (np.array(alone) <= table["trunks"][q] - 1).mean() < q
        menu = np.quantile(busiest, q, method="inverted_cdf") / 1800 * 40
        assert table["menu_erlangs"][q] == pytest.approx(menu)
        ports = table["ports"][q]
        assert erlang_b(menu, ports) <= 0.01 < erlang_b(menu, ports - 1)


def test_higher_quantiles_and_more_traffic_need_no_fewer():
    demand, agents = demand_of(RATE), np.full(6, 13)
    base = trunk_table(demand, agents, **ASK)
    for name in ("peak_erlangs", "trunks", "menu_erlangs", "ports"):
        assert base[name].is_monotonic_increasing
    stay = trunk_table(demand, agents, self_service=0.4, **ASK)
    assert (stay["trunks"] > base["trunks"]).all()
    np.testing.assert_allclose(stay["menu_erlangs"], base["menu_erlangs"] / 0.6)
    assert (trunk_table(demand, agents - 4, **ASK)["trunks"] != base["trunks"]).any()


def test_queues_of_a_site_share_trunks_and_sites_do_not():
    agents = np.full(6, 13)
    alone = trunk_table(demand_of(RATE), agents, **ASK)
    both = demand_of(RATE, sites=("a", "b"), queues=("sales", "service"))
    table = trunk_table(both, np.tile(agents, 4), **ASK)
    a, b = (table[table["site"] == s]["trunks"].to_numpy() for s in "ab")
    assert (a == b).all()
    # Two queues take twice the lines on average and fewer than twice the trunks.
    assert (a < 2 * alone["trunks"]).all()
    np.testing.assert_allclose(table["peak_erlangs"][:3], 2 * alone["peak_erlangs"])


def test_waiting_of_those_who_hang_up_holds_lines_too():
    # Nobody is ever answered: each call holds its line for the menu and its patience.
    demand = demand_of(np.full((1, 20), 90.0))
    table = trunk_table(demand, np.array([0]), **ASK)
    lines = 90 / 1800 * (40 + 120)
    assert table["peak_erlangs"].tolist() == pytest.approx([lines] * 3)
    assert table["trunks"].tolist() == [int(trunks_for_blocking(lines, 0.01))] * 3


def test_what_cannot_be_sized_is_refused():
    demand = demand_of(np.full((1, 20), 180.0))
    ask = {**ASK, "patience_s": None}
    with pytest.raises(InputError, match="wait without end in 1 intervals, first sales at 2024-06"):
        trunk_table(demand, np.array([15]), **ask)
    with pytest.raises(InputError, match="no number of trunks is enough"):
        trunks_for(one_queue(20, 15, None), 0.01)
    with pytest.raises(InputError, match="no series is of the channels that hold a line: voice"):
        trunk_table(demand_of(RATE, channel="chat"), np.full(6, 13), **ASK)
    with pytest.raises(ValueError, match=r"self_service must be .* below 1; found 1"):
        trunk_table(demand, np.array([30]), self_service=1.0, **ASK)
    with pytest.raises(ValueError, match="blocking_max must be between 0 and 1; found 0"):
        trunks_for(one_queue(5, 5, 60.0), 0)
    assert trunks_for(one_queue(0, 5, 60.0), 0.01) == 0
