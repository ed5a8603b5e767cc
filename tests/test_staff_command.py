"""`forecast staff`: its figures against the textbook's formula, and what it refuses."""

import re
from math import exp, factorial

import pytest
from typer.testing import CliRunner

from forecast.cli import app
from forecast.errors import InputError

USUAL = {"calls": "120", "per": "30min", "aht": "200", "target": "80/20"}


def staff(**changed: str) -> str:
    options = [
        text for name, value in {**USUAL, **changed}.items() for text in (f"--{name}", value)
    ]
    result = CliRunner().invoke(app(), ["staff", *(o.replace("_", "-") for o in options)])
    if result.exception:
        raise result.exception
    return result.output


def rows(output: str) -> dict[int, list[str]]:
    """Return the table's cells by agents."""
    lines = output.split("\n\n")[1].splitlines()[1:]
    cells = [re.split(r"\s{2,}", line.strip()) for line in lines]
    return {int(row[0].replace(",", "")): row[1:] for row in cells}


def required(output: str) -> tuple[int, int]:
    found = re.search(r"required +([\d,]+) on position, ([\d,]+) scheduled", output)
    return int(found[1].replace(",", "")), int(found[2].replace(",", ""))


def textbook(load: float, agents: int, aht_s: float, limit: float) -> tuple[float, float, float]:
    """Return P(wait), service level and ASA of Erlang C by sums of factorials."""
    last = load**agents / factorial(agents) * agents / (agents - load)
    waiting = last / (sum(load**k / factorial(k) for k in range(agents)) + last)
    spare = (agents - load) / aht_s
    return waiting, 1 - waiting * exp(-spare * limit), waiting / spare


def test_the_figures_are_the_textbooks():
    output = staff(shrinkage="0.3")
    load = 120 * 200 / 1800
    assert f"{load:.2f} erlangs" in output
    assert list(rows(output)) == [15, 16, 17, 18, 19]
    for agents, row in rows(output).items():
        waiting, level, asa = textbook(load, agents, 200, 20)
        told = [f"{level:.1%}", f"{waiting:.1%}", f"{asa:.1f} s", "0.0%", f"{load / agents:.1%}"]
        assert row[1:6] == told
        assert row[6].startswith("meets" if level >= 0.8 else "misses")
    assert required(output) == (17, 25)


def test_palms_example():
    """48 calls a minute, 50 agents, 2 minutes of patience: 3.1 % hang up (Palm 1957)."""
    output = staff(calls="48", per="1min", aht="60", patience="120", agents="50")
    assert "Erlang A: callers hang up after 120 s on average" in output
    assert "asked     50 on position" in output
    assert rows(output)[50][4] == "3.1%"


def test_shrinkage_is_exact():
    """21 / (1 - 0.3) is 30; floating point makes it 30.000000000000004, and 31 people."""
    output = staff(calls="153", shrinkage="0.3")
    assert rows(output)[21][0] == "30"


def test_model_and_definition_are_named():
    assert "Erlang C: nobody hangs up" in staff()
    for name in ("offered", "answered", "excluded", "met", "missed"):
        assert f"(definition: {name})" in staff(patience="60", definition=name)


def test_definitions_ask_for_the_numbers_of_agents_in_the_docs():
    """The table in docs/queueing.md: 100 erlangs, 300 s, 80 % in 20 s, a minute of patience."""
    usual = {"calls": "600", "aht": "300", "patience": "60", "occupancy-max": "1"}
    names = ("offered", "answered", "excluded", "met", "missed")
    asked = {name: required(staff(**usual, definition=name))[0] for name in names}
    assert asked == {"offered": 92, "answered": 84, "excluded": 86, "met": 84, "missed": 91}


def test_a_ceiling_that_decides_is_said():
    output = staff(calls="600", aht="300")
    assert required(output)[0] == 118  # 100 / 0.85 = 117.6
    assert "the service level alone takes 108" in output
    output = staff(calls="600", aht="300", occupancy_max="1")
    assert required(output)[0] == 108
    assert "no ceiling on occupancy" in output
    assert "decides" not in output


def test_too_few_agents_have_no_end():
    output = staff(agents="13")
    assert "MISSES the target: service level 0.0%, P(wait) 100.0%, ASA no end" in output
    assert rows(output)[13][-1] == "misses, asked"


def test_nobody_calls():
    output = staff(calls="0")
    assert required(output) == (0, 0)
    assert list(rows(output)) == [0, 1, 2]


def test_lengths_of_time_and_targets_may_be_written_out():
    for per in ("1800s", "0.5h", "30 min"):
        assert rows(staff(per=per)) == rows(staff())
    assert staff(target="80% / 20 s") == staff()


@pytest.mark.parametrize(
    ("option", "value", "rule"),
    [
        ("calls", "-3", "must be finite and >= 0; found -3"),
        ("calls", "nan", "must be finite and >= 0; found nan"),
        ("calls", "1e9", "x --aht / --per must be a load of at most 1,000,000 erlangs"),
        ("per", "30", "must be a number with s, min or h, like 30min; found 30"),
        ("per", "0min", "must be finite and > 0; found 0.0"),
        ("aht", "0", "must be from 0.1 to 10,000,000 seconds; found 0.0"),
        ("patience", "0", "must be from 0.1 to 10,000,000 seconds; found 0.0"),
        ("target", "100/20", "at least 1 and less than 100 percent of calls, like 80/20; found"),
        (
            "target",
            "99.99999999999999999999/20",
            "less than 100 percent of calls, like 80/20; found",
        ),
        ("target", "0.8/20", "at least 1 and less than 100 percent of calls, like 80/20; found"),
        ("target", "80", "must be percent / seconds, like 80/20; found 80"),
        ("shrinkage", "1", "must be from 0 to 0.99; found 1"),
        ("definition", "best", "must be one of offered, answered, excluded, met, missed; found"),
        ("occupancy-max", "0", "must be from 0.1 to 1; found 0"),
        ("agents", "-1", "must be whole, from 0 to 10,000,000; found -1"),
    ],
)
def test_bad_input_is_refused_by_name_value_and_rule(option, value, rule):
    with pytest.raises(InputError) as refused:
        staff(**{option: value})
    assert str(refused.value).startswith(f"--{option} ")
    assert rule in str(refused.value)
