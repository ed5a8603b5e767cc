"""A finite waiting room and few sources, against chains, limits and textbooks."""

import numpy as np
import pytest

from forecast.queueing import engset, erlang_a, erlang_b, erlang_c, finite_room
from tests.queueing.chains import birth_death, tagged

FIELDS = ("p_wait", "service_level", "asa_s", "abandonment", "occupancy", "asa_answered_s")
AHT = 100.0
TIMES = {"aht_s": AHT, "answer_within_s": 20.0}


def chain(load, agents, trunks, patience):
    """Return what becomes of callers, each tagged with what he finds."""
    leaving = 1 / patience if patience else 0.0
    states = np.arange(1, trunks + 1)
    busy = np.minimum(states, agents)
    down = busy / AHT + (states - busy) * leaving
    shares = birth_death(np.full(trunks, load / AHT), down)
    in_time, hung_up, waiting = shares[:agents].sum(), 0.0, 0.0
    for ahead, share in enumerate(shares[agents:-1]):
        in_time += share * tagged(agents / AHT, leaving, ahead, 20.0)[0]
        hung_up += share * tagged(agents / AHT, leaving, ahead, 1e6)[1]
        waiting += share
    queue = shares @ np.maximum(np.arange(trunks + 1) - agents, 0)
    return {
        "p_wait": waiting,
        "service_level": in_time,
        "asa_s": queue / (load / AHT * (1 - shares[-1])),
        "abandonment": hung_up,
        "blocking": shares[-1],
        "occupancy": shares[1:] @ busy / agents,
    }


@pytest.mark.parametrize("patience", [None, 30.0, 240.0])
@pytest.mark.parametrize(
    ("load", "agents", "trunks"), [(3, 4, 7), (10, 10, 14), (20, 6, 9), (0.3, 1, 3), (5, 5, 5)]
)
def test_a_finite_room_is_its_chain(load, agents, trunks, patience):
    got = finite_room(load, agents, trunks, **TIMES, patience_s=patience)
    for name, value in chain(load, agents, trunks, patience).items():
        assert float(getattr(got, name)) == pytest.approx(value, rel=1e-8, abs=1e-12), name


def test_without_places_to_wait_it_is_erlang_b():
    load, agents = np.array([0.5, 9.0, 120.0]), np.array([2, 9, 100])
    r = finite_room(load, agents, agents, **TIMES, patience_s=60)
    np.testing.assert_allclose(r.blocking, erlang_b(load, agents), rtol=1e-12)
    np.testing.assert_array_equal(r.p_wait, 0)
    np.testing.assert_array_equal(r.asa_s, 0)


@pytest.mark.parametrize("patience", [None, 75.0])
def test_with_many_places_it_is_erlang_c_or_a(patience):
    load, agents = np.array([0.5, 8.0, 95.0]), np.array([2, 10, 105])
    room = finite_room(load, agents, agents + 600, **TIMES, patience_s=patience)
    if patience:
        plain = erlang_a(load, agents, **TIMES, patience_s=patience)
    else:
        plain = erlang_c(load, agents, **TIMES)
    for name in FIELDS:
        np.testing.assert_allclose(getattr(room, name), getattr(plain, name), rtol=1e-9)


def test_the_inspection_station_of_gross_and_harris():
    # Fundamentals of Queueing Theory, M/M/3/7: a car a minute, six minutes each: 30.3 cars an hour
    # are turned away and the others wait 6.3 minutes.
    r = finite_room(6, 3, 7, aht_s=360, answer_within_s=0)
    assert float(r.blocking) * 60 == pytest.approx(30.3, abs=0.05)
    assert float(r.asa_s) / 60 == pytest.approx(6.3, abs=0.1)


def test_a_full_house_without_agents_turns_all_away():
    r = finite_room(5, 0, 3, **TIMES)
    assert float(r.blocking) == 1
    assert r.p_wait + r.service_level < 1e-290
    left = finite_room(5, 0, 3, **TIMES, patience_s=50)
    assert float(left.blocking + left.abandonment) == pytest.approx(1, rel=1e-12)
    assert float(left.abandoned_in_time / left.abandonment) == pytest.approx(1 - np.exp(-0.4))


def test_nobody_calls_a_finite_room():
    r = finite_room(0, [0, 3], [2, 3], **TIMES)
    np.testing.assert_array_equal(r.service_level, 1)
    np.testing.assert_array_equal(r.blocking + r.p_wait + r.asa_s + r.occupancy, 0)


def test_overload_of_a_large_room_stays_finite():
    r = finite_room(5000, 100, 3000, **TIMES)
    assert float(r.blocking) == pytest.approx(1 - 100 / 5000, rel=1e-9)
    assert float(r.asa_s) == pytest.approx((2900 - 1 / 49) * AHT / 100, rel=1e-3)


def test_fewer_trunks_than_agents_are_refused():
    with pytest.raises(ValueError, match=r"^trunks must be at least agents; found 9.0$"):
        finite_room(5, 10, [12, 9], **TIMES)


@pytest.mark.parametrize(("b", "sources", "servers"), [(0.5, 4, 2), (0.1, 30, 5), (2.0, 6, 6)])
def test_few_sources_are_their_chain(b, sources, servers):
    states = np.arange(servers)
    shares = birth_death((sources - states) * b, states + 1.0) if servers else np.ones(1)
    calls = (sources - np.arange(servers + 1)) * shares
    r = engset(b, sources, servers)
    assert float(r.busy_time) == pytest.approx(shares[-1], rel=1e-12)
    assert float(r.blocking) == pytest.approx(calls[-1] / calls.sum(), rel=1e-12)
    assert float(r.carried) == pytest.approx(shares @ np.arange(servers + 1), rel=1e-12)


def test_many_sources_of_little_load_are_erlang_b():
    r = engset(10 / 1e7, 1e7, 12)
    assert float(r.blocking) == pytest.approx(float(erlang_b(10, 12)), rel=1e-5)


def test_sources_with_a_server_each_are_never_blocked():
    r = engset([[0.0], [3.0]], 5, [5, 8])
    np.testing.assert_array_equal(r.blocking, 0)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ((-1.0, 4, 2), "load_per_source must be finite and >= 0; found -1.0"),
        ((0.5, 0, 2), "sources must be finite and >= 1, whole; found 0"),
        ((0.5, 4, 2.5), "agents must be finite and >= 0, whole; found 2.5"),
    ],
)
def test_senseless_sources_are_refused(changed, words):
    with pytest.raises(ValueError, match=f"^{words}$"):
        engset(*changed)
