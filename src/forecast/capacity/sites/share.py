"""Which site serves whom in every interval: a transport problem of queues and sites."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from forecast.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shared:
    """Who serves whom.

    Attributes
    ----------
    agents
        On position, by interval, queue and site.
    unmet
        Agents missing, by interval and queue.
    cost
        Of the agents, without a price of those missing.
    """

    agents: Floats
    unmet: Floats
    cost: float


def share_load(
    need: npt.ArrayLike,
    can: npt.ArrayLike,
    price: npt.ArrayLike,
    seats: npt.ArrayLike,
    unmet_price: npt.ArrayLike | None = None,
) -> Shared:
    """Return the cheapest way to serve what queues need, interval by interval.

    With ``x`` agents of a site for a queue and ``u`` missing: least ``sum price x + sum p u`` where
    every queue's ``x`` and ``u`` add up to its need, a site's ``x`` to no more than its seats, and
    nobody serves what they cannot. The problem is Hitchcock's (1941); with whole needs and seats
    the corners that the simplex method goes to are whole, so no agent is split.

    Parameters
    ----------
    need
        Agents on position, (intervals x queues).
    can
        Whether a site is open and can serve a queue, (intervals x queues x sites).
    price
        Of an agent for the interval, of the same shape.
    seats
        Of each site; inf: enough for all.
    unmet_price
        Of an agent missing for the interval, (intervals x queues) or one for all; None: as few are
        missing as can be, whatever that costs.

    Raises
    ------
    InputError
        For numbers that are missing or below 0, and shapes that do not fit.

    Examples
    --------
    Two queues need 3 and 2; the cheap site has 4 seats and cannot serve the second.

    >>> can = np.array([[[True, True], [True, False]]])
    >>> found = share_load([[3, 2]], can, [[[30, 9], [30, 9]]], [5, 4])
    >>> found.agents[0].tolist(), found.cost
    ([[0.0, 3.0], [2.0, 0.0]], 87.0)
    """
    needed, able, prices, room = _checked(need, can, price, seats)
    t, q, s = np.nonzero(able & (needed > 0)[:, :, None])
    row, column = np.nonzero(needed > 0)
    if unmet_price is None:
        # Dearer than any chain of moves from site to site that would serve one agent more.
        missing = np.full(len(row), (len(room) + 1) * float(prices.max(initial=0.0)) + 1.0)
    else:
        missing = np.broadcast_to(np.asarray(unmet_price, dtype="float64"), needed.shape)[
            row, column
        ]
    queue_of = np.full(needed.shape, -1)
    queue_of[row, column] = np.arange(len(row))
    n, m = len(t), len(row)
    agents, unmet = np.zeros(able.shape), np.zeros(needed.shape)
    if m:
        limited = np.isfinite(room[s])
        used, which = np.unique(t[limited] * len(room) + s[limited], return_inverse=True)
        meets = _rows(np.append(queue_of[t, q], np.arange(m)), np.arange(n + m), (m, n + m))
        fits = _rows(which, np.flatnonzero(limited), (len(used), n + m))
        lower = np.append(needed[row, column], np.zeros(len(used)))
        upper = np.append(needed[row, column], room[used % len(room)])
        result = milp(
            np.append(prices[t, q, s], missing),
            constraints=LinearConstraint(sparse.vstack([meets, fits], format="csc"), lower, upper),
            bounds=Bounds(0, np.inf),
        )
        if result.x is None:
            raise RuntimeError(f"the solver stopped without a plan: {result.message}")
        # Corners are whole; what the solver leaves is noise of its arithmetic.
        x = np.round(result.x, 6) + 0.0
        agents[t, q, s], unmet[row, column] = x[:n], x[n:]
    return Shared(agents, unmet, float((agents * prices).sum()))


def _rows(row: Ints, column: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)


def _checked(
    need: npt.ArrayLike, can: npt.ArrayLike, price: npt.ArrayLike, seats: npt.ArrayLike
) -> tuple[Floats, Bools, Floats, Floats]:
    needed, able = np.asarray(need, dtype="float64"), np.asarray(can, dtype="bool")
    prices, room = np.asarray(price, dtype="float64"), np.asarray(seats, dtype="float64")
    shape = (*needed.shape, room.size)
    if needed.ndim != 2 or able.shape != shape or prices.shape != shape:
        raise InputError(
            "need must be intervals x queues, can and price intervals x queues x sites, seats one "
            f"for each site; found {needed.shape}, {able.shape}, {prices.shape}, {room.shape}"
        )
    for name, values in (("need", needed), ("price", prices)):
        if not (np.isfinite(values) & (values >= 0)).all():
            raise InputError(f"{name} must be finite and >= 0; found {values.min()}")
    if not (room >= 0).all():
        raise InputError(f"seats must be >= 0; found {room.tolist()}")
    return needed, able, prices, room
