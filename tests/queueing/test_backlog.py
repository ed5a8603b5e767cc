"""Work that may wait, against contacts that are followed one by one in small steps."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.queueing import backlog_agents, work_off

LAW = settings(derandomize=True, deadline=None, max_examples=60)
HOUR = 3600.0


def followed(contacts, agents, aht, due, steps=2000, waiting=0.0):
    """Return done, backlog and late contacts by hour, in steps of a small part of an hour."""
    queue = deque([(0, 0.0, waiting)] if waiting else [])
    done, backlog, late = np.zeros((3, len(contacts)))
    for hour, (new, team) in enumerate(zip(contacts, agents, strict=True)):
        for step in range(steps):
            now = hour + (step + 0.5) / steps
            queue.append((hour, now, new / steps))
            room = team / aht * HOUR / steps
            while queue and room > 1e-12:
                came, since, size = queue.popleft()
                part = min(size, room)
                room -= part
                done[hour] += part
                late[came] += part * ((now - since) * HOUR > due)
                if size > part:
                    queue.appendleft((came, since, size - part))
        backlog[hour] = sum(size for _, _, size in queue)
    for came, since, size in queue:
        late[came] += size * ((len(contacts) - since) * HOUR > due)
    return done, backlog, late


CASES = [
    pytest.param([60, 60, 0, 0], [2, 2, 2, 2], 240, 5400, 0, id="a rush"),
    pytest.param([10, 50, 80, 20, 0, 0], [0, 3, 3, 0, 5, 5], 200, 4000, 0, id="a closed hour"),
    pytest.param([30, 30, 30], [1, 1, 1], 240, 1800, 0, id="never caught up"),
    pytest.param([5, 5, 5, 5], [3, 3, 3, 3], 300, 600, 40, id="yesterday's rest"),
    pytest.param([0, 0, 90, 0], [1, 0, 2, 2], 120, 0, 0, id="due at once"),
]


@pytest.mark.parametrize(("contacts", "agents", "aht", "due", "rest"), CASES)
def test_a_backlog_goes_as_its_contacts_do(contacts, agents, aht, due, rest):
    r = work_off(contacts, agents, aht_s=aht, interval_s=HOUR, due_s=due, backlog=rest)
    done, backlog, late = followed(contacts, agents, aht, due, waiting=rest)
    np.testing.assert_allclose(r.done, done, atol=0.1)
    np.testing.assert_allclose(r.backlog, backlog, atol=0.1)
    np.testing.assert_allclose(r.late, late, atol=0.3)


@LAW
@given(st.lists(st.tuples(st.floats(0, 200), st.integers(0, 9)), min_size=1, max_size=12))
def test_contacts_are_conserved(rows):
    contacts, agents = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    r = work_off(contacts, agents, aht_s=240, interval_s=HOUR, due_s=7200, backlog=10)
    total = contacts.sum() + 10
    assert r.done.sum() + r.backlog[-1] == pytest.approx(total, abs=1e-9)
    assert (r.backlog >= 0).all()
    assert (r.done <= agents * 15 + 1e-9).all()
    assert -1e-9 <= r.late.sum() <= total + 1e-9
    assert ((r.occupancy >= 0) & (r.occupancy <= 1)).all()
    assert 0 - 1e-12 <= r.in_time <= 1


def test_the_oldest_contact_has_its_age():
    # 60 come in the first hour and 15 are done in each: the one next in line came 15 minutes in.
    r = work_off([60, 0, 0, 0], 1, aht_s=240, interval_s=HOUR, due_s=HOUR)
    np.testing.assert_allclose(r.age_s, [45 * 60, 90 * 60, 135 * 60, 0])


@LAW
@given(
    st.lists(st.floats(0, 200), min_size=2, max_size=8),
    st.floats(60, 900),
    st.floats(600, 20_000),
    st.sampled_from([0.0, 0.1, 0.3]),
)
def test_the_team_for_a_backlog_is_enough_and_one_fewer_is_not(contacts, aht, due, late):
    known = {"aht_s": aht, "interval_s": HOUR, "due_s": due}
    contacts = [*contacts, 0.0, 0.0]
    team = int(backlog_agents(contacts, **known, late_max=late, backlog_max=0))

    def good(agents):
        r = work_off(contacts, agents, **known)
        return 1 - r.in_time <= late + 1e-8 and r.backlog[-1] <= 1e-6

    assert good(team)
    assert team == 0 or not good(team - 1)


def test_a_team_at_work_for_some_hours_only():
    known = {"aht_s": 240, "interval_s": HOUR, "due_s": 4 * HOUR}
    # 120 contacts of the night are due by the sixth hour, of which three are worked in: 40 an hour
    # at 15 per agent.
    team = int(backlog_agents([60, 60, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1], **known))
    assert team == 3


def test_contacts_due_while_nobody_works_are_refused():
    with pytest.raises(ValueError, match="at_work must leave somebody to finish contacts"):
        backlog_agents([60, 0, 0], [0, 0, 1], aht_s=240, interval_s=HOUR, due_s=HOUR)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"contacts": [1, -2]}, "contacts must be finite and >= 0; found -2"),
        ({"agents": float("nan")}, "agents must be finite and >= 0; found nan"),
        ({"aht_s": 0}, "aht_s must be finite and > 0; found 0"),
        ({"interval_s": 0}, "interval_s must be finite and > 0; found 0"),
        ({"due_s": -1}, "due_s must be finite and >= 0; found -1"),
        ({"backlog": -1}, "backlog must be finite and >= 0; found -1"),
    ],
)
def test_senseless_work_is_refused(changed, words):
    known = {"contacts": [1, 2], "agents": 1, "aht_s": 60, "interval_s": HOUR, "due_s": 60}
    with pytest.raises(ValueError, match=f"^{words}$"):
        work_off(**known | changed)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"contacts": []}, "contacts must be those of at least one interval; found none"),
        ({"interval_s": 0}, "interval_s must be finite and > 0; found 0"),
        ({"backlog": float("nan")}, "backlog must be finite and >= 0; found nan"),
        ({"backlog_max": float("nan")}, "backlog_max must be >= 0; found nan"),
        ({"backlog_max": -1}, "backlog_max must be >= 0; found -1.0"),
    ],
)
def test_a_team_is_not_looked_for_where_the_question_makes_no_sense(changed, words):
    asked = {"contacts": [60, 60], "aht_s": 240, "interval_s": 3600, "due_s": 5400, **changed}
    with pytest.raises(ValueError, match=f"^{words}$"):
        backlog_agents(**asked)
