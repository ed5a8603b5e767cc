"""REQUIREMENT leaves in the forms of schedulers, nothing lost on the way."""

import json

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.exports import (
    canonical,
    connect_override,
    genesys_forecast,
    pyworkforce_input,
)
from forecast.capacity.requirements import RISKS
from forecast.capacity.shifts import Shift, Week
from forecast.capacity.shifts.required import required_of
from forecast.errors import InputError
from forecast.schema import REQUIREMENT
from forecast.store import write_csv

MONDAY = pd.Timestamp("2024-01-01", tz="UTC")
KEYS = [("a", "=cmd()", "voice"), ("a", "sales", "chat")]
IDS = dict(zip(KEYS, ["id-1", "id-2"], strict=True))


@pytest.fixture
def requirement():
    parts = []
    for i, (site, queue, channel) in enumerate(KEYS):
        ds = pd.date_range(MONDAY + pd.Timedelta(hours=8), periods=20, freq="30min")
        part = pd.DataFrame({"ds": ds.as_unit("us")})
        agents = np.arange(20) % 4 + i
        parts.append(
            part.assign(
                scenario="base", site=site, queue=queue, channel=channel, open_min=30.0,
                offered=10.4 + i, aht_s=180.6 + 100 * i, load_erlangs=1.0,
                **{f"agents_{risk}": agents for risk in (*RISKS, "without_ceiling")},
                agents=agents, scheduled_agents=agents * 2, p_met=0.5, service_level=0.8,
                service_level_base=0.8,
                asa_s=9.0, abandonment=0.0, occupancy=0.8, assumed="",
            )
        )  # fmt: skip
    return REQUIREMENT.validate(pd.concat(parts, ignore_index=True)[REQUIREMENT.names])


def test_the_canonical_file_has_every_row_and_no_formula(requirement, tmp_path):
    write_csv(canonical(requirement, 30), tmp_path / "r.csv")
    read = pd.read_csv(tmp_path / "r.csv")
    assert len(read) == len(requirement)
    assert set(read["queue"]) == {"'=cmd()", "sales"}
    assert read["scheduled_agents"].sum() == requirement["scheduled_agents"].sum()
    assert read["ds"].iloc[0] == "2024-01-01T08:00:00Z"


def test_connects_override_is_in_whole_contacts_that_keep_their_sum(requirement, tmp_path):
    frame = connect_override(requirement, IDS, 30)
    write_csv(frame, tmp_path / "c.csv")
    head, first = (tmp_path / "c.csv").read_text(encoding="utf-8").splitlines()[:2]
    assert head == (
        "QueueName,QueueId,ChannelType,TimeStamp,IntervalDuration,"
        "IncomingContactVolume,AverageHandleTime"
    )
    assert first == "'=cmd(),id-1,VOICE,2024-01-01T08:00:00Z,30mins,10,181"
    by_queue = frame.groupby("QueueId")["IncomingContactVolume"].sum()
    assert by_queue.to_dict() == {"id-1": 208, "id-2": 228}
    assert frame["IncomingContactVolume"].between(10, 12).all()


def test_genesys_week_has_quarter_hours_from_its_start(requirement):
    groups = dict.fromkeys(KEYS, "group")
    body = json.loads(json.dumps(genesys_forecast(requirement, groups, MONDAY, 30)))
    assert body["weekCount"] == 1
    (one,) = body["planningGroups"]
    offered, aht = one["offeredPerInterval"], one["averageHandleTimeSecondsPerInterval"]
    assert len(offered) == len(aht) == 672
    assert np.flatnonzero(offered).tolist() == list(range(32, 72))
    assert sum(offered) == pytest.approx(requirement["offered"].sum())
    weighted = (10.4 * 180.6 + 11.4 * 280.6) / 21.8
    assert aht[40] == pytest.approx(weighted, abs=0.01)


def test_pyworkforce_gets_days_by_periods(requirement):
    night = Shift(22 * 60, 8 * 60)
    got = pyworkforce_input(requirement, 30, [night], heads_max=50)
    need = np.array(got["required_resources"])
    assert need.shape == (got["num_days"], got["periods"]) == (1, 48)
    assert need.sum() == requirement["scheduled_agents"].sum()
    assert np.flatnonzero(got["shifts_coverage"][night.name]).tolist() == [
        *range(12),
        *range(44, 48),
    ]


def test_the_week_that_shifts_are_planned_for_is_the_sum_over_queues(requirement):
    need = required_of(requirement, Week(30), MONDAY)
    assert list(need) == ["a"]
    total = requirement.groupby("ds")["scheduled_agents"].sum()
    assert need["a"][16:36].tolist() == total.tolist()
    assert need["a"].sum() == total.sum()
    later = required_of(requirement, Week(30), MONDAY + pd.Timedelta(days=7))
    assert later["a"].sum() == 0


def test_bad_input_is_refused_in_words(requirement):
    twice = pd.concat([requirement, requirement.assign(scenario="other")])
    with pytest.raises(InputError, match="one scenario; found base, other"):
        canonical(twice, 30)
    with pytest.raises(InputError, match="one scenario; found base, other"):
        required_of(twice, Week(30), MONDAY)
    with pytest.raises(InputError, match=r"no Amazon Connect queue id .*\n  - a/sales/chat"):
        connect_override(requirement, {KEYS[0]: "x"}, 30)
    with pytest.raises(InputError, match="15 or 30 min; found 60"):
        connect_override(requirement, IDS, 60)
    mail = requirement.assign(channel="email")[requirement["queue"] == "sales"]
    with pytest.raises(InputError, match="channels voice, chat; found 'a/sales/email'"):
        connect_override(mail, {("a", "sales", "email"): "x"}, 30)
    with pytest.raises(InputError, match="20 min is no multiple of 15"):
        genesys_forecast(requirement, IDS, MONDAY, 20)
    with pytest.raises(InputError, match="not of 60 min"):
        pyworkforce_input(requirement, 60, [], heads_max=1)
    with pytest.raises(InputError, match="between intervals of 60 min"):
        required_of(requirement, Week(60), MONDAY)
    with pytest.raises(InputError, match="must be a Monday; found Tuesday"):
        required_of(requirement, Week(30), MONDAY + pd.Timedelta(days=1))
    with pytest.raises(InputError, match="must be 00:00 UTC"):
        required_of(requirement, Week(30), MONDAY + pd.Timedelta(hours=1))
