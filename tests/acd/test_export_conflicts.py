"""One interval, one value: repetitions are superseded, contradictions set aside on both sides."""

import itertools

import pandas as pd
import pytest

from forecast.acd.ingest import ingest
from forecast.errors import InputError

HEAD = "interval_start,queue,interval_minutes,offered\n"
FOUR, FIVE = "2003-03-03 09:00,sales,30,4\n", "2003-03-03 09:00,sales,30,5\n"
NEXT = "2003-03-03 09:30,sales,30,6\n"


def never_overlap(history: pd.DataFrame) -> bool:
    """Return whether no accepted interval begins before an earlier one has ended."""
    ends = history["ds"] + pd.to_timedelta(history["minutes"], unit="min")
    latest = ends.groupby(history["queue"]).cummax().groupby(history["queue"]).shift()
    return not (latest > history["ds"]).any()


def test_two_values_in_one_file_point_at_each_other(drop, strict):
    with pytest.raises(InputError) as caught:
        ingest(drop(calls=HEAD + FOUR + NEXT + FIVE), strict)
    message = str(caught.value)
    assert (
        "calls.csv, line 2, column offered: another value for the same interval stands in "
        "line 4 (offered 5); keep the right row, or say same_interval: sum" in message
    )
    assert "calls.csv, line 4, column offered" in message
    assert "line 2 (offered 4)" in message


def test_of_two_files_the_one_that_reaches_further_is_the_later_export(drop, strict, check_balance):
    for names in (("a", "b"), ("b", "a")):
        folder = drop(**{names[0]: HEAD + FOUR, names[1]: HEAD + NEXT + FIVE})
        taken = ingest(folder, strict)
        assert taken.history["offered"].tolist() == [5, 6]
        assert taken.superseded[["offered", "line", "by"]].to_numpy().tolist() == [
            [4.0, 2, f"{names[1]}.csv"]
        ]
        assert taken.findings["kind"].tolist() == ["later_export"]
        assert "instead of 4" in taken.findings["text"].item()
        check_balance(taken.ledger)


def test_neither_of_two_values_of_one_file_is_taken(drop, lenient, check_balance):
    taken = ingest(drop(a=HEAD + FOUR + NEXT + FIVE), lenient)
    assert taken.history["offered"].tolist() == [6]
    assert taken.quarantine["line"].tolist() == [2, 4]
    assert taken.ledger["offered_quarantined"].tolist() == [9]
    check_balance(taken.ledger)


def test_a_repetition_does_not_outvote_another_value(drop, lenient, check_balance):
    taken = ingest(drop(calls=HEAD + FOUR + FOUR + FIVE + NEXT), lenient)
    assert taken.history["offered"].tolist() == [6]
    assert taken.quarantine["line"].tolist() == [2, 4]
    check_balance(taken.ledger)


def test_another_talk_time_is_another_value(drop, lenient):
    head = HEAD.strip() + ",talk_s\n"
    rows = "2003-03-03 09:00,sales,30,4,100\n2003-03-03 09:00,sales,30,4,101\n"
    taken = ingest(drop(calls=head + rows + "2003-03-03 09:30,sales,30,6,5\n"), lenient)
    assert taken.history["offered"].tolist() == [6]
    assert taken.quarantine["line"].tolist() == [2, 3]


def test_another_length_is_another_value(drop, lenient, check_balance):
    taken = ingest(drop(calls=HEAD + FOUR + FOUR.replace(",30,", ",15,") + NEXT), lenient)
    assert taken.history["offered"].tolist() == [6]
    check_balance(taken.ledger)


def test_large_counts_are_shown_to_the_last_digit(drop, strict):
    rows = FOUR.replace("4\n", "1234567\n") + FOUR.replace("4\n", "1234568\n")
    with pytest.raises(InputError) as caught:
        ingest(drop(calls=HEAD + rows), strict)
    assert "(offered 1234567)" in str(caught.value)
    assert "(offered 1234568)" in str(caught.value)


def test_an_exact_repetition_is_superseded(drop, strict, check_balance):
    taken = ingest(drop(calls=HEAD + FOUR + FOUR + NEXT + FOUR), strict)
    assert taken.history["offered"].tolist() == [4, 6]
    assert taken.ledger[["rows_superseded", "offered_superseded"]].to_numpy().tolist() == [[2, 8]]
    assert taken.quarantine.empty
    check_balance(taken.ledger)


def test_a_file_dropped_twice_counts_once(drop, strict, check_balance):
    once = ingest(drop(a=HEAD + FOUR + NEXT), strict)
    twice = ingest(drop(b=HEAD + FOUR + NEXT), strict)
    assert twice.history.equals(once.history)
    assert twice.ledger["rows_accepted"].tolist() == [0, 2]
    assert twice.ledger["rows_superseded"].tolist() == [2, 0]
    check_balance(twice.ledger)


def test_the_same_interval_of_two_queues_is_no_repetition(drop, strict):
    taken = ingest(drop(calls=HEAD + FOUR + FOUR.replace("sales", "service")), strict)
    assert len(taken.history) == 2


def test_a_bad_row_does_not_contradict_a_good_one(drop, lenient, check_balance):
    taken = ingest(drop(calls=HEAD + FOUR + FOUR.replace(",4", ",-4")), lenient)
    assert taken.history["offered"].tolist() == [4]
    check_balance(taken.ledger)


def test_an_interval_that_begins_too_early_is_shown(drop, strict):
    early = "2003-03-03 09:15,sales,30,5\n"
    with pytest.raises(InputError) as caught:
        ingest(drop(a=HEAD + FOUR, b=HEAD + early), strict)
    message = str(caught.value)
    assert "b.csv, line 2, column interval_start: " in message
    assert "starts before the interval before it (line 2) has ended" in message
    assert "Mend them" in message


def test_intervals_that_touch_do_not_overlap(drop, strict):
    assert len(ingest(drop(calls=HEAD + FOUR + NEXT), strict).history) == 2


def test_two_queues_may_be_busy_at_the_same_time(drop, strict):
    other = "2003-03-03 09:15,service,30,5\n"
    assert len(ingest(drop(calls=HEAD + FOUR + other), strict).history) == 2


def test_half_hours_and_five_minutes_of_one_queue_are_never_both_counted(
    drop, lenient, check_balance
):
    fives = "".join(f"2003-03-03 09:{minute:02d},sales,5,1\n" for minute in range(5, 60, 5))
    taken = ingest(drop(halves=HEAD + FOUR + NEXT, fives=HEAD + fives), lenient)
    check_balance(taken.ledger)
    assert never_overlap(taken.history)


def test_a_long_interval_covers_all_that_begin_before_its_end(drop, lenient, check_balance):
    hour = "2003-03-03 09:00,sales,60,9\n2003-03-03 09:15,sales,15,2\n"
    taken = ingest(drop(calls=HEAD + hour + NEXT), lenient)
    check_balance(taken.ledger)
    assert never_overlap(taken.history)


def test_conflicts_are_the_same_in_any_order_of_rows(drop, lenient):
    texts = itertools.permutations([FOUR, FIVE, NEXT])
    taken = [ingest(drop(calls=HEAD + "".join(rows)), lenient).history for rows in texts]
    assert all(history.equals(taken[0]) for history in taken)
    assert taken[0]["offered"].tolist() == [6]
