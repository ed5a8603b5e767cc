"""Findings about names and rows: look-alikes, totals, lengths, more handled than offered."""

import numpy as np
import pandas as pd
import pytest

from forecast.acd.quality import MOST_OF_A_KIND, findings
from forecast.schema import HISTORY
from tests.acd.centre import RATES, at, centre, on, texts, wall, with_counts, without, zone_of


@pytest.fixture(scope="module")
def clean():
    return centre()


LOOKING_ALIKE = [
    ("Sales", "SALES", "case, blanks"),
    ("Sales", " Sales", "case, blanks"),
    ("Sales", "Sa\u200bles", "ZERO WIDTH SPACE"),
    ("Sales 1", "\uff33ales\u30001", "full-width"),
    ("Sales", "S\u0430les", "CYRILLIC SMALL LETTER A"),
    ("Q10", "QlO", "look alike"),
    ("007", "7", "leading zeros"),
    ("Q01", "Q1", "leading zeros"),
    ("1E5", "100000", "number"),
    ("1.0E+5", "100000.0", "number"),
    ("cafe\u0301", "café", "case, blanks"),
    ("stra\u00dfe", "STRASSE", "case, blanks"),
]
NOT_ALIKE = [("Sales", "Sale"), ("10", "100"), ("1.05", "1.5"), ("客服", "客户"), ("1E5", "1E6")]


def named(history, first, second):
    return HISTORY.validate(
        history[history["queue"].isin(["q8", "q9"])].replace({"q8": first, "q9": second})
    )


@pytest.mark.parametrize(("first", "second", "why"), LOOKING_ALIKE)
def test_names_that_look_alike_are_named_once_and_kept(clean, first, second, why):
    (text,) = texts(named(clean, first, second), "look_alike")
    assert why in text
    assert "kept apart" in text


@pytest.mark.parametrize(("first", "second"), NOT_ALIKE)
def test_names_that_differ_are_not_taken_for_one(clean, first, second):
    assert texts(named(clean, first, second), "look_alike") == []


def test_names_of_different_sites_may_be_alike(clean):
    both = named(clean, "Sales", "SALES")
    assert texts(both.assign(site=both["queue"].str.lower() + both["queue"]), "look_alike") == []


def test_a_handful_of_rows_is_named_and_is_no_late_start(clean):
    row = clean[at(clean, "q9", "2023-03-15 11:00")].assign(queue="Slaes")
    found = findings(HISTORY.validate(pd.concat([clean, row])), zone_of)
    assert found["kind"].tolist() == ["seen_once"]
    assert found["text"][0].startswith("Queue Slaes has 1 row only")


def total_of(history, queues=None):
    own = history if queues is None else history[history["queue"].isin(queues)]
    total = own.groupby("ds")[["offered", "answered", "abandoned"]].sum().reset_index()
    total = total.assign(site="main", queue="All", channel="voice", minutes=30)
    return HISTORY.validate(pd.concat([history, total.reindex(columns=HISTORY.names)]))


def test_a_total_among_its_parts_is_found(clean):
    (text,) = texts(total_of(clean), "sum_of_others")
    assert text.startswith("Queue All equals the sum of the other 10 queues in ")
    assert "ingest.leave_out" in text


def test_a_total_that_is_off_at_times_is_found_and_a_part_of_all_is_not(clean):
    total = total_of(clean)
    off = (total["queue"] == "All") & (np.arange(len(total)) % 50 == 0)
    assert len(texts(with_counts(total, off, total["offered"] + 1), "sum_of_others")) == 1
    assert texts(total_of(clean, ["q8", "q9"]), "sum_of_others") == []


def test_one_queue_that_repeats_another_is_no_sum(clean):
    one = clean[clean["queue"] == "q9"]
    none = with_counts(one, True, 0).assign(queue="none")
    same = HISTORY.validate(pd.concat([one, one.assign(queue="copy"), none]))
    assert texts(same, "sum_of_others") == []


def test_a_new_interval_length_is_named_with_its_day(clean):
    new = centre(2, step=15)
    day = pd.Timestamp("2023-03-20")
    mixed = pd.concat([clean[wall(clean) < day], new[wall(new) >= day]])
    found = texts(HISTORY.validate(mixed), "length_change")
    assert len(found) == len(RATES)
    assert found[0] == (
        "Queue q0 changes its interval length on 20 March 2023 from 30 to 15 minutes. Both stay in."
    )
    assert set(findings(HISTORY.validate(mixed), zone_of)["kind"]) == {"length_change"}


def test_handled_more_than_offered_stays_in_and_is_told_from_the_rule(clean):
    some = np.arange(len(clean)) % 200 == 0
    over = clean.assign(answered=clean["answered"] + some)
    found = texts(over, "answered_over_offered")
    assert len(found) == len(RATES)
    assert all("They stay in." in text for text in found if text.startswith("Queue q9"))
    rule = clean.assign(answered=1.5 * clean["offered"])
    text = texts(rule, "answered_over_offered")[-1]
    assert "seems to count something else" in text
    unknown = clean.assign(answered=np.nan, abandoned=np.nan)
    assert texts(unknown, "answered_over_offered") == []


def test_the_largest_of_a_kind_are_listed_and_the_rest_counted(clean):
    many = [clean[clean["queue"] == "q9"].head(3).assign(queue=f"typo {i}") for i in range(70)]
    found = findings(HISTORY.validate(pd.concat([clean, *many])), zone_of)
    own = found[found["kind"] == "seen_once"]
    assert len(own) == MOST_OF_A_KIND + 1
    last = own[own["size"] == 0]
    assert last["text"].tolist() == ["20 smaller findings of this kind not listed."]


@pytest.mark.parametrize("name", ["=1+1", "<b>", "a\nb", "x" * 500, "客服", "\u202eabc", "%s{0}"])
def test_any_name_can_stand_in_a_sentence(clean, name):
    own = clean[clean["queue"] == "q9"].assign(queue=name)
    (text,) = texts(without(own, on(own, "2023-03-08")), "outage")
    assert text.isprintable()
    assert len(text) < 250
