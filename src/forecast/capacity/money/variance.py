"""Budget and actuals -> why the money differs: seven effects that add up to the cent.

    cost = offered x AHT x standard + surplus   hours on position
           / (1 - shrinkage)                    hours paid
           x sum over contracts of mix x rate   money

The *standard* is the required hours per hour of work (what waiting, the service target and the size
of the queue ask for), the *surplus* the hours on position beyond the required ones.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.attribution import Floats, shapley, whole_cents
from forecast.capacity.money.variance_tables import ROW, Account, checked
from forecast.errors import SchemaError

EFFECTS = ("aht", "mix", "rate", "schedule", "shrinkage", "standard", "volume")
"""By name, so that no order is chosen."""
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Budget:
    """A plan frozen as the budget: its account, under the plan's id, with a seal."""

    plan_id: str
    account: Account
    seal: str


@dataclass(frozen=True)
class Variance:
    """Why the actuals cost more, or less, than the budget; positive: more.

    ``rows`` has period, queue, effect, cents and cumulated_cents (since the first period);
    ``totals`` has period, queue, budget_cents, actual_cents, cents and cumulated_cents.
    """

    rows: pd.DataFrame
    totals: pd.DataFrame


def freeze(plan_id: str, account: Account) -> Budget:
    """Return a plan frozen as the budget: copies of its tables and their checksum."""
    own = checked(account, f"budget {plan_id}")
    return Budget(plan_id, own, _seal(own))


def variance(budget: Budget, actual: Account) -> Variance:
    """Return the variance of all periods that have actuals.

    Parameters
    ----------
    budget
        What ``freeze`` returned.
    actual
        What came, for the first periods of the budget or all; in each, all its queues.

    Raises
    ------
    SchemaError
        For a budget that was changed after it was frozen; for numbers that are missing, periods
        and queues that only one side has, more hours on position than paid: with their names.

    Notes
    -----
    An effect is the Shapley value of its factor: the mean, over all orders in which the factors
    could move from budget to actual, of what it adds. It is exact for any formula, needs no order
    and no rest row. The other exact division, by logarithmic means (LMDI), knows only products of
    positive numbers; here hours are added, and a queue without contacts makes factors zero.
    The factors that a row does not define (AHT without contacts, the rate of a contract that
    nobody had) are those of the other side, so they have no effect.

    References
    ----------
    Shapley (1953). Ang (2004), Decomposition analysis for policymaking in energy, Energy Policy 32.
    """
    if _seal(budget.account) != budget.seal:
        raise SchemaError(
            f"budget {budget.plan_id} is not what was frozen: its tables were changed. "
            "Freeze the plan again, under an id of its own"
        )
    came = checked(actual, "actuals")
    planned = _same_rows(budget, came)
    keys = came.drivers[list(ROW)]
    sides = _sides(planned, came, keys)
    cost = [_cents_by_row(account, keys) for account in (planned, came)]
    effects = shapley(lambda bits: _cost(bits, *sides), len(EFFECTS))
    cents = whole_cents(effects * 100, cost[1] - cost[0])
    return _told(keys, cents, *cost)


def _told(
    keys: pd.DataFrame,
    cents: npt.NDArray[np.int64],
    planned: npt.NDArray[np.int64],
    came: npt.NDArray[np.int64],
) -> Variance:
    rows = pd.concat([keys.assign(effect=name, cents=cents[i]) for i, name in enumerate(EFFECTS)])
    rows = rows.sort_values([*ROW, "effect"], ignore_index=True)
    totals = keys.assign(budget_cents=planned, actual_cents=came, cents=came - planned)
    return Variance(
        rows.assign(cumulated_cents=rows.groupby(["queue", "effect"])["cents"].cumsum()),
        totals.assign(cumulated_cents=totals.groupby("queue")["cents"].cumsum()),
    )


def _same_rows(budget: Budget, actual: Account) -> Account:
    """Return the budget of the periods that have actuals, or name what only one side has."""
    periods = set(actual.drivers["period"])
    tables = (budget.account.drivers, budget.account.pay)
    drivers, pay = (t[t["period"].isin(periods)].reset_index(drop=True) for t in tables)
    ours, theirs = (set(t[list(ROW)].itertuples(index=False)) for t in (drivers, actual.drivers))
    last = max(periods)
    late = budget.account.drivers
    gaps = set(late.loc[late["period"] < last, "period"]) - periods
    problems = [f"period {p:%Y-%m-%d} has no actuals, and a later one has" for p in sorted(gaps)]
    for found, where in ((ours - theirs, "has no actuals"), (theirs - ours, "is not in it")):
        problems += [f"{period:%Y-%m-%d} {queue}: {where}" for period, queue in sorted(found)]
    if problems:
        raise SchemaError(
            f"actuals must have the queues of budget {budget.plan_id}:\n  - "
            + "\n  - ".join(problems[:20])
        )
    return Account(drivers, pay)


@dataclass(frozen=True)
class _Side:
    """One side's factors: arrays over rows; mix and rate over rows x contracts."""

    volume: Array
    aht_s: Array
    standard: Array
    least: Array
    surplus: Array
    gross: Array
    mix: Array
    rate: Array


def _sides(planned: Account, came: Account, keys: pd.DataFrame) -> tuple[_Side, _Side]:
    contracts = sorted(set(planned.pay["contract"]) | set(came.pay["contract"]))
    ours, theirs = _raw(planned, keys, contracts), _raw(came, keys, contracts)
    return _filled(ours, theirs), _filled(theirs, ours)


def _raw(account: Account, keys: pd.DataFrame, contracts: list[str]) -> _Side:
    """Return one side's factors, NaN where it does not define them."""
    rows = pd.MultiIndex.from_frame(keys)
    table = account.drivers.set_index(list(ROW)).loc[rows]
    paid, cost = (
        account.pay.pivot(index=list(ROW), columns="contract", values=name)
        .reindex(index=rows, columns=contracts)
        .fillna(0.0)
        .to_numpy()
        for name in ("hours", "cost")
    )
    volume, aht = table["offered"].to_numpy(), table["aht_s"].to_numpy()
    needed, position = table["required_hours"].to_numpy(), table["position_hours"].to_numpy()
    work = np.where(volume > 0, volume * aht / 3600, 0.0)
    all_paid = paid.sum(axis=1)
    return _Side(
        volume=volume,
        aht_s=np.where(volume > 0, aht, np.nan),
        standard=_over(needed, work),
        # Where there is no work the least staffing is no multiple of it.
        least=np.where(work > 0, 0.0, needed),
        surplus=position - needed,
        gross=_over(all_paid, position),
        mix=_over(paid, all_paid[:, None]),
        rate=_over(cost, paid),
    )


def _over(part: Array, whole: Array) -> Array:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))


def _filled(own: _Side, other: _Side) -> _Side:
    both = {name: (getattr(own, name), getattr(other, name)) for name in _Side.__annotations__}
    return _Side(**{k: np.nan_to_num(np.where(np.isnan(a), b, a)) for k, (a, b) in both.items()})


def _cost(bits: int, planned: _Side, came: _Side) -> Floats:
    """Return each row's cost with the factors of the actuals whose bits are set, else planned."""
    of = {name: came if bits >> i & 1 else planned for i, name in enumerate(EFFECTS)}
    work = of["volume"].volume * of["aht"].aht_s / 3600
    required = work * of["standard"].standard + of["standard"].least
    paid = (required + of["schedule"].surplus) * of["shrinkage"].gross
    return np.asarray(paid * (of["mix"].mix * of["rate"].rate).sum(axis=1))


def _cents_by_row(account: Account, keys: pd.DataFrame) -> npt.NDArray[np.int64]:
    cents = np.rint(account.pay["cost"] * 100).astype("int64")
    by_row = cents.groupby([account.pay[name] for name in ROW]).sum()
    by_row = by_row.reindex(pd.MultiIndex.from_frame(keys), fill_value=0)
    return np.asarray(by_row.to_numpy(), dtype="int64")


def _seal(account: Account) -> str:
    digest = hashlib.sha256()
    for table in (account.drivers, account.pay):
        digest.update(table.to_csv(index=False).encode())
    return digest.hexdigest()
