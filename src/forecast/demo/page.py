"""The headline as a page: the verdict in sentences, and answer rate against labour."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.demo.headline import (
    PLAIN,
    Figure,
    Plan,
    Verdict,
    answer_rate,
    figure,
    service_level,
    verdict,
)

LESS, GOAL = 0.10, 0.92
"""The question: 92 % answered with 10 % less labour?"""
Rows = npt.NDArray[np.bool_]
INTRO = """\
{weeks} weeks from {first:%d %B %Y} of an invented e-commerce centre whose true rates are known.
*Plain rule*: same day last week x growth of orders x {margin:g}, over a standard of contacts per
agent and hour; it plans each week when the one before has ended. *Distribution*: one forecast, made
before the first week; every shift of two hours gets the fewest agents whose expected answer rate
over the forecast's paths is the target. Shifts, shrinkage, callers and handle times are the same.

Paid hours include shrinkage. The half-widths (95 %) are over replications of the same weeks: they
hold the chance of single contacts, not that of other weeks or of another centre. `make demo` runs
it again into its folder, `make benchmark-headline` into benchmarks/headline.md."""


def periods(plans: Sequence[Plan], sale: pd.Timestamp) -> Mapping[str, Rows]:
    """Return the weeks to be told apart: without the sale, with it, and all.

    Parameters
    ----------
    plans
        As ``headline.trial`` returns them.
    sale
        First day of the sale's presale; NaT: none is ahead. Weeks of which five days or more lie
        before it are ordinary ones.
    """
    week = plans[0].fared.weeks["week"]
    touched = (week + pd.Timedelta(days=5) > sale).to_numpy()
    named = {"without 11.11": ~touched, "with 11.11": touched, "all weeks": touched | ~touched}
    return {name: rows for name, rows in named.items() if rows.any()}


def page(plans: Sequence[Plan], sale: pd.Timestamp, margin: float) -> str:
    """Return the headline as Markdown.

    Parameters
    ----------
    plans
        As ``headline.trial`` returns them.
    sale
        First day of 11.11's presale.
    margin
        Of the plain rule as the company uses it.
    """
    named = periods(plans, sale)
    found = {
        name: verdict(plans, rows, margin, less=LESS, goal=GOAL) for name, rows in named.items()
    }
    weeks = plans[0].fared.weeks["week"]
    lines = [
        "# From a plain rule to the distribution: what the simulator says",
        "",
        INTRO.format(weeks=weeks.nunique(), first=weeks.min(), margin=margin),
        "",
        f"**Can the answer rate rise to {GOAL * 100:.0f} % with {LESS * 100:.0f} % less labour?** "
        + answer(found["all weeks"]),
        "",
        *table(
            ("", *named),
            [
                (label, *(str(tell(one)) for one in found.values()))
                for label, tell in ROWS_OF_VERDICT.items()
            ],
        ),
        "",
        "## Answer rate against labour",
        "",
        "Paid hours relative to the plain rule as the company uses it.",
        "",
        *curves(plans, named, margin),
    ]
    return "\n".join(lines) + "\n"


def answer(found: Verdict) -> str:
    """Return the headline's answer in a few sentences.

    Examples
    --------
    >>> half = Figure(0.85, 0.001)
    >>> told = Verdict(half, 1000.0, Figure(0.90, 0.002), Figure(0.05, 0.001), half, half, half)
    >>> answer(told)[:26]
    'Not wholly: with 10 % less'
    """
    reached = found.at_less.value - found.at_less.half_width >= GOAL
    missed = found.at_less.value + found.at_less.half_width < GOAL
    word = "Yes" if reached else "Not wholly" if missed else "Just about"
    if missed and found.gain.value <= 0:
        word = "No"
    return (
        f"{word}: with {LESS * 100:.0f} % less labour the answer rate is {found.at_less} "
        f"instead of {found.plain}. The same answer rate takes {_labour(found.labour_at_same)}; "
        f"{GOAL * 100:.0f} % takes {_labour(found.labour_at_goal)}, and by the plain rule with "
        f"more margin {_labour(found.plain_at_goal)}."
    )


def _labour(ratio: Figure) -> str:
    """Return labour in words, relative to the plain rule's."""
    if not np.isfinite(ratio.value):
        return "labour beyond the settings that were tried"
    word = "less" if ratio.value < 1 else "more"
    return f"{abs(ratio.value - 1) * 100:.1f} % {word} labour"


ROWS_OF_VERDICT: Mapping[str, Callable[[Verdict], object]] = {
    "plain rule: answer rate": lambda one: one.plain,
    "plain rule: paid hours": lambda one: f"{one.hours:,.0f}",
    "distribution, 10 % less labour: answer rate": lambda one: one.at_less,
    "... gained": lambda one: (
        f"{100 * one.gain.value:+.1f} ± {100 * one.gain.half_width:.1f} points"
    ),
    "distribution, same answer rate: labour": lambda one: one.labour_at_same,
    "distribution, 92 % answered: labour": lambda one: one.labour_at_goal,
    "plain rule with more margin, 92 % answered: labour": lambda one: one.plain_at_goal,
}


def curves(plans: Sequence[Plan], named: Mapping[str, Rows], margin: float) -> list[str]:
    """Return the table of all settings: labour, answer rate and service level of each period."""
    own = next(p for p in plans if p.rule == PLAIN and p.setting == margin)
    head = ["rule", "setting"]
    for name in named:
        head += [f"labour, {name}", "answered", "within 20 s"]
    rows = []
    for plan in plans:
        setting = f"x {plan.setting:.2f}" if plan.rule == PLAIN else f"{plan.setting:.0%}"
        cells = [plan.rule, setting]
        for period in named.values():
            ratio = plan.hours[period].sum() / own.hours[period].sum()
            cells += [
                f"{ratio:.3f}",
                str(figure(answer_rate(plan, period))),
                f"{service_level(plan, period).mean():.1%}",
            ]
        rows.append(tuple(cells))
    return table(tuple(head), rows)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return a Markdown table.

    Examples
    --------
    >>> table(("a", "b"), [("1", "2")])
    ['| a | b |', '|---|---|', '| 1 | 2 |']
    """
    lined = ["| " + " | ".join(cells) + " |" for cells in (head, *rows)]
    return [lined[0], "|" + "---|" * len(head), *lined[1:]]
