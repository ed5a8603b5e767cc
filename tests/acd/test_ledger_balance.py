"""Whatever is dropped in, every row and every contact is accounted for."""

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.acd.ingest import Ingested, ingest

HEAD = "interval_start,queue,interval_minutes,offered\n"
HOURS = range(7, 21)

steady = settings(derandomize=True, deadline=None, max_examples=30)


def row(hour: int, queue: str, offered: object) -> str:
    return f"2003-03-03 {hour:02d}:00,{queue},30,{offered}\n"


# Good rows by their key, so that none contradicts another.
goods = st.dictionaries(
    st.tuples(st.sampled_from(HOURS), st.sampled_from(["sales", "service", "NA"])),
    st.integers(0, 10_000),
    min_size=1,
    max_size=12,
)
broken = st.lists(
    st.sampled_from(
        [
            row(9, "sales", -3),
            row(9, "", 7),
            row(9, "sales", "many"),
            row(9, "sales", '"1,234"'),
            row(25, "sales", 8),
            row(9, "sales", ""),
            row(9, "sales", "1,2"),
            "2003-03-03 09:00,sales\n",
            "soon,,x,-1\n",
        ]
    ),
    max_size=8,
)
contradicted = st.sets(st.sampled_from(HOURS), max_size=3)
blanks = st.lists(st.sampled_from(["\n", ",,,\n", "  , ,,\n"]), max_size=3)


def take(params, *exports: list[str]) -> Ingested:
    with TemporaryDirectory() as folder:
        for number, rows in enumerate(exports):
            (Path(folder) / f"{number}.csv").write_text(HEAD + "".join(rows), encoding="utf-8")
        return ingest(folder, params)


def counts(history: pd.DataFrame) -> dict[tuple[int, str], int]:
    hours = history["ds"].dt.tz_convert("America/New_York").dt.hour
    keys = zip(hours, history["queue"], strict=True)
    return dict(zip(keys, history["offered"].tolist(), strict=True))


def good_rows(good: dict[tuple[int, str], int]) -> list[str]:
    return [row(hour, queue, n) for (hour, queue), n in good.items()]


@steady
@given(
    data=st.data(),
    good=goods,
    bad=broken,
    torn=contradicted,
    blank=blanks,
    repeats=st.integers(0, 3),
)
def test_good_rows_are_accepted_and_all_others_accounted_for(
    lenient, check_balance, data, good, bad, torn, blank, repeats
):
    repeated = good_rows(good)[:repeats]
    torn_rows = [row(hour, "torn", n) for hour in torn for n in (1, 2)]
    rows = data.draw(st.permutations(good_rows(good) + repeated + bad + blank))
    cut = data.draw(st.integers(0, len(rows)))
    # Two values of one interval contradict each other within a file; of two files the later wins.
    first = data.draw(st.permutations(rows[:cut] + torn_rows))
    taken = take(lenient, first, rows[cut:])
    check_balance(taken.ledger)
    assert counts(taken.history) == good
    total = taken.ledger[[c for c in taken.ledger if c.startswith(("rows_", "offered_"))]].sum()
    assert total["rows_in"] == len(rows) + len(torn_rows)
    assert total["rows_accepted"] == len(good)
    assert total["rows_quarantined"] == len(bad) + len(torn_rows)
    assert total["rows_superseded"] == len(repeated)
    assert total["rows_ignored"] == len(blank)
    assert total["offered_accepted"] == sum(good.values())


@steady
@given(tenths=st.lists(st.integers(-50, 50), max_size=5))
def test_counts_that_are_no_counts_add_up_all_the_same(lenient, check_balance, tenths):
    good = row(8, "sales", 1)
    rows = [row(9 + n, "sales", tenth / 10) for n, tenth in enumerate(tenths)]
    whole, halves = take(lenient, [good, *rows]), take(lenient, [good], rows)
    check_balance(whole.ledger)
    check_balance(halves.ledger)
    assert whole.ledger["offered_in"].sum() == halves.ledger["offered_in"].sum()


@steady
@given(data=st.data(), good=goods, bad=broken)
def test_every_row_set_aside_is_shown_with_its_line(lenient, data, good, bad):
    rows = data.draw(st.permutations(good_rows(good) + bad))
    taken = take(lenient, rows)
    expected = [line for line, text in enumerate(rows, 2) if text in bad]
    assert sorted(set(taken.quarantine["line"])) == expected
    assert (taken.quarantine["reason"] != "").all()


@steady
@given(data=st.data(), good=goods, bad=broken, torn=contradicted)
def test_the_order_of_rows_does_not_matter(lenient, data, good, bad, torn):
    rows = good_rows(good) + bad + [row(hour, "torn", n) for hour in torn for n in (1, 2)]
    shuffled = data.draw(st.permutations(rows))
    assert take(lenient, rows).history.equals(take(lenient, shuffled).history)


@settings(steady, max_examples=12)
@given(data=st.data(), good=goods, bad=broken)
def test_the_order_of_files_does_not_matter(lenient, data, good, bad):
    rows = data.draw(st.permutations(good_rows(good) + bad))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), min_size=2, max_size=2)))
    parts = [rows[: cuts[0]], rows[cuts[0] : cuts[1]], rows[cuts[1] :]]
    taken = [take(lenient, *order).history for order in itertools.permutations(parts)]
    assert all(history.equals(taken[0]) for history in taken)


@steady
@given(data=st.data(), good=goods, bad=broken)
def test_a_file_split_in_two_gives_the_same_history(lenient, data, good, bad):
    rows = data.draw(st.permutations(good_rows(good) + bad))
    cut = data.draw(st.integers(0, len(rows)))
    whole, halves = take(lenient, rows), take(lenient, rows[:cut], rows[cut:])
    assert whole.history.equals(halves.history)
    same = ["rows_accepted", "rows_quarantined", "offered_in", "offered_accepted"]
    assert whole.ledger[same].sum().equals(halves.ledger[same].sum())


@steady
@given(good=goods)
def test_the_same_rows_in_two_files_count_once(lenient, check_balance, good):
    once = take(lenient, good_rows(good))
    twice = take(lenient, good_rows(good), good_rows(good))
    check_balance(twice.ledger)
    assert once.history.equals(twice.history)
    assert twice.ledger["rows_superseded"].tolist() == [len(good), 0]
