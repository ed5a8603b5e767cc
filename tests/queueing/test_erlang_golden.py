"""The formulas against numbers that others have published: tests/golden/erlang.csv."""

import csv
import inspect
from pathlib import Path

import pytest

from forecast import queueing
from forecast.queueing import (
    Target,
    erlang_a,
    erlang_b,
    erlang_c,
    required_agents,
    scheduled_agents,
)

COLUMNS = (
    "model,load_erlangs,agents,aht_s,answer_within_s,patience_s,quantity,value,tolerance,source"
)
GOLDEN = Path(__file__).parents[1] / "golden" / "erlang.csv"
TEXT = {"model", "quantity", "source"}
# Functions whose published numbers, or whose chain or identity, stand in another file.
ELSEWHERE = {
    "carried_load": "test_many_rows",
    "required_agents_with_redials": "test_many_rows",
    "together": "test_many_rows",
    "backlog_agents": "test_backlog",
    "blend": "test_chat_and_blending",
    "blend_reserve": "test_chat_and_blending",
    "chat": "test_chat_and_blending",
    "chat_agents": "test_chat_and_blending",
    "engset": "test_finite_and_few",
    "erlang_a_wait": "test_required_exact",
    "erlang_c_wait": "test_required_exact",
    "extended_erlang_b": "test_redials_and_patience",
    "finite_room": "test_finite_and_few",
    "offered_load_for_blocking": "test_redials_and_patience",
    "on_position": "test_staffing_laws",
    "patience_from_abandonment": "test_redials_and_patience",
    "patience_from_waits": "test_redials_and_patience",
    "performance": "test_required_exact",
    "priority": "test_priority",
    "service_level": "test_definitions",
    "trunks_for_blocking": "test_redials_and_patience",
    "with_redials": "test_redials_and_patience",
    "work_off": "test_backlog",
}


def golden_rows():
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        return [
            {name: cell if name in TEXT else float(cell) for name, cell in row.items() if cell}
            for row in csv.DictReader(file)
        ]


def goal_of(row):
    """Return 0.8 for ``agents_for_service_level_0.80``: what must be reached is in the name."""
    return float(row["quantity"].rpartition("_")[2])


def blocking(row):
    if row["quantity"] == "blocking":
        return erlang_b(row["load_erlangs"], row["agents"])
    agents = 0
    while erlang_b(row["load_erlangs"], agents) > goal_of(row):
        agents += 1
    return agents


def without_hang_ups(row):
    result = erlang_c(
        row["load_erlangs"],
        row["agents"],
        aht_s=row["aht_s"],
        answer_within_s=row["answer_within_s"],
    )
    return getattr(result, row["quantity"])


def with_hang_ups(row):
    result = erlang_a(
        row["load_erlangs"],
        row["agents"],
        aht_s=row["aht_s"],
        answer_within_s=row["answer_within_s"],
        patience_s=row["patience_s"],
    )
    return getattr(result, row["quantity"])


def agents_needed(row):
    return required_agents(
        row["load_erlangs"],
        aht_s=row["aht_s"],
        target=Target(goal_of(row), row["answer_within_s"]),
        patience_s=row.get("patience_s"),
    )


def people_scheduled(row):
    return scheduled_agents(int(row["agents"]), goal_of(row))


COMPUTE = {
    "erlang_b": blocking,
    "erlang_c": without_hang_ups,
    "erlang_a": with_hang_ups,
    "required_agents": agents_needed,
    "scheduled_agents": people_scheduled,
}


def name_of(row):
    known = ("load_erlangs", "agents", "patience_s", "quantity")
    return "-".join([row["model"], *(str(row[name]) for name in known if name in row)])


@pytest.mark.parametrize("row", golden_rows(), ids=name_of)
def test_a_published_number_comes_out(row):
    got = float(COMPUTE[row["model"]](row))
    assert got == pytest.approx(row["value"], rel=0, abs=row["tolerance"]), row["source"]


def test_every_public_formula_has_a_published_number():
    public = {name for name in queueing.__all__ if inspect.isfunction(getattr(queueing, name))}
    assert public - ELSEWHERE.keys() == {row["model"] for row in golden_rows()}
    here = Path(__file__).parent
    for name, file in ELSEWHERE.items():
        assert name in (here / f"{file}.py").read_text(encoding="utf-8"), name


def test_required_agents_has_published_numbers_with_and_without_hang_ups():
    rows = [row for row in golden_rows() if row["model"] == "required_agents"]
    assert {"patience_s" in row for row in rows} == {True, False}


def test_every_golden_row_says_where_it_is_from():
    assert GOLDEN.read_text(encoding="utf-8").splitlines()[0] == COLUMNS
    assert all(len(row["source"]) > 10 and row["tolerance"] >= 0 for row in golden_rows())
