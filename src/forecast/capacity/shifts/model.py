"""The integer programme: heads by template, and days by shift, that cover the week.

For every template of a contract there is one column for its heads ``H`` and one for each day and
shift, ``x[d, s]``. A head works one shift on each of ``k1`` to ``k2`` days a week, so

    sum_s x[d, s] <= H   for every day,      k1 H <= sum_ds x[d, s] <= k2 H.

That says all that whole weeks would say, with 8 columns where weeks of 5 days of 7 have 21: any
whole ``x`` that keeps it can be dealt out to ``H`` heads (``tours``; the rows are two laminar
families, so totally unimodular), and with the same linear bound. Overtime and time off are further
shifts of the day, their number limited by ``days_max H``. As all shifts of a template leave the
contract's rest between any two of them, every such week is one that can be worked.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from forecast.capacity.shifts.contracts import LINES, Ask, Contract, Share
from forecast.capacity.shifts.templates import Shift, Template, worked
from forecast.capacity.shifts.week import DAY_MIN, Floats

Bools = npt.NDArray[np.bool_]
REGULAR, OVERTIME, HEADS, UNDERSTAFFING = LINES


class Column(NamedTuple):
    """What a column counts: heads of a template (no shift), or those on a shift of a day."""

    contract: Contract
    template: Template
    shift: Shift | None = None
    day: int = -1
    variant: str = ""


class Row(NamedTuple):
    """What a row says: of which kind, about whom, and in which interval (-1: the week)."""

    kind: str
    name: str
    interval: int = -1


@dataclass(frozen=True)
class Model:
    """``lower <= matrix @ x <= upper``, ``0 <= x <= most``, least ``cost @ x``.

    ``columns`` has the first columns of the matrix; after them come the heads missing, by pool and
    interval, if that is allowed. ``on`` and ``seated`` are (intervals x columns). ``hours`` and
    ``lines`` hold what one unit of a column is paid, by cost line, in hours and in money.
    """

    ask: Ask
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    matrix: sparse.csc_array
    lower: Floats
    upper: Floats
    most: Floats
    cost: Floats
    on: sparse.csc_array
    seated: sparse.csc_array
    hours: dict[str, Floats]
    lines: dict[str, Floats]

    @property
    def is_heads(self) -> Bools:
        """Which columns of the matrix count heads."""
        out = np.zeros(len(self.cost), dtype=bool)
        out[: len(self.columns)] = [column.shift is None for column in self.columns]
        return out

    @property
    def is_whole(self) -> Bools:
        """Which columns must be whole: heads missing are so by themselves."""
        return np.arange(len(self.cost)) < len(self.columns)

    @property
    def begins_min(self) -> Floats:
        """Start of each shift's column in minutes of the local week; NaN for the others."""
        out = np.full(len(self.cost), np.nan)
        out[: len(self.columns)] = [
            np.nan if column.shift is None else column.day * DAY_MIN + column.shift.start_min
            for column in self.columns
        ]
        return out


def model_of(ask: Ask) -> Model:
    """Return the integer programme of what is asked."""
    columns = tuple(_columns(ask))
    on, paid, seated = _worked(ask, columns)
    hours, lines = _pay(ask, columns, on, paid)
    blocks = [
        _coverage(ask, columns, on),
        _seats(ask, columns, seated),
        _heads(ask, columns),
        _shares(ask, columns, hours),
        _templates(columns),
    ]
    rows = tuple(row for block in blocks for row in block.rows)
    matrix = sparse.vstack([block.matrix for block in blocks], format="csc")
    cost = np.sum([*lines.values()], axis=0)
    most = np.full(len(columns), np.inf)
    lower = np.concatenate([block.lower for block in blocks])
    upper = np.concatenate([block.upper for block in blocks])
    if ask.understaffing_cost is not None:
        covered = len(blocks[0].rows)
        missing = sparse.eye_array(len(rows), covered, format="csc")
        matrix = sparse.hstack([matrix, missing], format="csc")
        cost = np.concatenate([cost, np.full(covered, ask.understaffing_cost)])
        most = np.concatenate([most, lower[:covered]])
    return Model(
        ask, columns, rows, matrix, lower, upper, most, cost, on, seated, dict(hours), dict(lines)
    )


class _Block(NamedTuple):
    rows: list[Row]
    matrix: sparse.csr_array
    lower: Floats
    upper: Floats


def _columns(ask: Ask) -> list[Column]:
    out = []
    for contract in ask.contracts:
        for template in contract.templates:
            out.append(Column(contract, template))
            out += [
                Column(contract, template, shift, day, variant)
                for day in range(7)
                for shift in template.shifts
                for variant in contract.variants
            ]
    return out


def _worked(ask: Ask, columns: tuple[Column, ...]) -> tuple[sparse.csc_array, ...]:
    """Return (intervals x columns): worked, paid, seated."""
    parts = np.zeros((3, ask.week.intervals, len(columns)), dtype=np.int8)
    for j, (contract, _, shift, day, variant) in enumerate(columns):
        if shift is None:
            continue
        offset = ask.site(contract).utc_offset_min
        longer = contract.variants[variant]
        one = worked(shift, day, ask.week, offset, longer)
        parts[:, :, j] = one.on, one.paid, one.seated
    return tuple(sparse.csc_array(part.astype("float64")) for part in parts)


def _pay(
    ask: Ask, columns: tuple[Column, ...], on: sparse.csc_array, paid: sparse.csc_array
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return hours and money per unit of each column, by cost line."""
    premiums = dict.fromkeys(line for site in ask.sites for line in site.premiums)
    names = [REGULAR, OVERTIME, *premiums, HEADS]
    hours = {line: np.zeros(len(columns)) for line in names}
    lines = {line: np.zeros(len(columns)) for line in names}
    by_column = paid.T.tocsr()
    for j, (contract, _, shift, _, variant) in enumerate(columns):
        wage = contract.wage_per_hour
        if shift is None:
            lines[HEADS][j] = contract.cost_per_head
            continue
        own = by_column[[j]].toarray()[0] * ask.week.interval_min / 60
        extra = 0.0
        if variant == "overtime" and contract.overtime:
            extra = contract.overtime.length_min / 60
            lines[OVERTIME][j] = extra * wage * contract.overtime.multiplier
        hours[OVERTIME][j] = extra
        hours[REGULAR][j] = own.sum() - extra
        lines[REGULAR][j] = hours[REGULAR][j] * wage
        for line, share in ask.site(contract).premiums.items():
            hours[line][j] = own[np.asarray(share) > 0].sum()
            lines[line][j] = float(own @ share) * wage
    return hours, lines


def _coverage(ask: Ask, columns: tuple[Column, ...], on: sparse.csc_array) -> _Block:
    """Say that in every interval as many work in a pool as it requires."""
    rows, parts, need = [], [], []
    for pool, required in ask.demand.items():
        own = np.array([ask.pool(column.contract) == pool for column in columns])
        parts.append(sparse.csr_array(on * own))
        rows += [Row("coverage", pool, i) for i in range(ask.week.intervals)]
        need.append(required)
    lower = np.concatenate(need).astype("float64")
    return _Block(rows, sparse.vstack(parts, format="csr"), lower, np.full(len(rows), np.inf))


def _seats(ask: Ask, columns: tuple[Column, ...], seated: sparse.csc_array) -> _Block:
    rows, parts, most = [], [], []
    for site in ask.sites:
        if site.seats is None:
            continue
        own = np.array(
            [column.contract.site == site.name and not column.contract.remote for column in columns]
        )
        parts.append(sparse.csr_array(seated * own))
        rows += [Row("seats", site.name, i) for i in range(ask.week.intervals)]
        most += [float(site.seats)] * ask.week.intervals
    matrix = sparse.vstack(parts, format="csr") if parts else _nothing(columns)
    return _Block(rows, matrix, np.full(len(rows), -np.inf), np.array(most))


def _heads(ask: Ask, columns: tuple[Column, ...]) -> _Block:
    limited = [c for c in ask.contracts if c.heads_min > 0 or c.heads_max is not None]
    parts = [
        [float(column.shift is None and column.contract == contract) for column in columns]
        for contract in limited
    ]
    matrix = sparse.csr_array(np.array(parts)) if parts else _nothing(columns)
    most = [np.inf if c.heads_max is None else float(c.heads_max) for c in limited]
    least = [float(c.heads_min) for c in limited]
    return _Block([Row("heads", c.name) for c in limited], matrix, np.array(least), np.array(most))


def _shares(ask: Ask, columns: tuple[Column, ...], hours: dict[str, Floats]) -> _Block:
    """Say that the part less its share of the whole is above or below zero."""
    rows, parts, lower = [], [], []
    paid = hours[REGULAR] + hours[OVERTIME]
    is_head = np.array([float(column.shift is None) for column in columns])
    for share in ask.shares:
        amount = paid if share.of == "hours" else is_head
        own = np.array([column.contract.name in share.contracts for column in columns])
        for limit, sign in ((share.at_least, 1.0), (share.at_most, -1.0)):
            if 0 < limit < 1 or (limit == 1.0 and sign > 0) or (limit == 0.0 and sign < 0):
                parts.append(sign * amount * (own - limit))
                rows.append(Row("share", _told(share)))
                lower.append(0.0)
    matrix = sparse.csr_array(np.array(parts)) if parts else _nothing(columns)
    return _Block(rows, matrix, np.array(lower), np.full(len(rows), np.inf))


def _told(share: Share) -> str:
    between = f"{share.at_least:.0%} to {share.at_most:.0%}"
    return f"{', '.join(share.contracts)}: {between} of {share.of}"


def _templates(columns: tuple[Column, ...]) -> _Block:
    """Say that the days of each template can be dealt out to its heads."""
    rows: list[Row] = []
    row: list[int] = []
    at: list[int] = []
    value: list[float] = []
    most: list[float] = []
    heads = [j for j, column in enumerate(columns) if column.shift is None]
    for begin, end in zip(heads, [*heads[1:], len(columns)], strict=True):
        contract, template = columns[begin][:2]
        own = range(begin + 1, end)
        least, top = contract.days(template)
        # Each is (columns that count, their sign, heads' coefficient): sign * sum <= coefficient H.
        limits: list[tuple[list[int], float, float]] = [
            ([*own], -1.0, -float(least)),
            ([*own], 1.0, float(top)),
        ]
        limits += [([j for j in own if columns[j].day == day], 1.0, 1.0) for day in range(7)]
        for name, beyond in (("overtime", contract.overtime), ("time off", contract.time_off)):
            if beyond:
                counted = [j for j in own if columns[j].variant == name]
                limits.append((counted, 1.0, beyond.days_max))
        for counted, sign, times in limits:
            row += [len(rows)] * (len(counted) + 1)
            at += [*counted, begin]
            value += [sign] * len(counted) + [-times]
            rows.append(Row("template", f"{contract.name}, {template.name}"))
            most.append(0.0)
    matrix = sparse.csr_array((value, (row, at)), shape=(len(rows), len(columns)))
    return _Block(rows, matrix, np.full(len(rows), -np.inf), np.array(most))


def _nothing(columns: tuple[Column, ...]) -> sparse.csr_array:
    return sparse.csr_array((0, len(columns)))
