"""Sales of an invented shop: when they are, and what they do to orders, contacts, handle time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.schema import LOCAL
from forecast.synthetic.commerce_spec import Response, SaleSpec

DAY = pd.Timedelta(days=1)
WAVE_DAYS = 28
"""After so many days a sale is over for good."""
ANNOUNCED_DAYS = 35
"""A sale is announced so many days before its first day."""
ORDER_FACTORS = {"presale": 0.4, "peak": 3.0, "after": -0.2}
"""What a sale of intensity 1 adds to a day's orders; the week after it they are fewer."""
AFTER_DAYS = 7
Floats = npt.NDArray[np.float64]


def sales_between(
    sales: Sequence[SaleSpec], first: pd.Timestamp, last: pd.Timestamp, rng: np.random.Generator
) -> pd.DataFrame:
    """Return each year's sales: name, presale, start, end (the midnight after it), intensity.

    Sales that touch the days from ``first`` to ``last`` are in it; the intensity, which planners
    know, varies from year to year by a tenth.
    """
    found = []
    for year in range(first.year - 1, last.year + 2):
        for sale in sales:
            start = pd.Timestamp(year, sale.month, sale.day)
            strength = sale.intensity * float(np.exp(rng.normal(0, 0.1)))
            end = start + sale.days * DAY
            opens = start - sale.presale_days * DAY
            if opens <= last and end + WAVE_DAYS * DAY > first:
                found.append((f"{sale.name} {year}", sale.name, opens, start, end, strength))
    out = pd.DataFrame(found, columns=["sale", "name", "presale", "start", "end", "intensity"])
    moments = dict.fromkeys(("presale", "start", "end"), LOCAL)
    return out.astype(moments).sort_values("start", ignore_index=True).round({"intensity": 2})


def shapes(dates: pd.Series, sale: pd.Series, wave_day: float) -> dict[str, Floats]:
    """Return presale and peak (0 or 1) and wave (up to 1, at ``wave_day``) of one sale by day.

    Examples
    --------
    >>> sale = pd.Series({"presale": "2024-11-01", "start": "2024-11-10", "end": "2024-11-12"})
    >>> days = pd.Series(pd.to_datetime(["2024-11-05", "2024-11-11", "2024-11-15"]))
    >>> {name: shape.round(2).tolist() for name, shape in shapes(days, sale, 3).items()}
    {'presale': [1.0, 0.0, 0.0], 'peak': [0.0, 1.0, 0.0], 'wave': [0.0, 0.0, 1.0]}
    """
    presale, start, end = (pd.Timestamp(sale[name]) for name in ("presale", "start", "end"))
    since = np.maximum(((dates - end) / DAY).to_numpy(dtype="float64"), 0) / wave_day
    reach = (dates >= end) & (dates < end + WAVE_DAYS * DAY)
    return {
        "presale": ((dates >= presale) & (dates < start)).to_numpy(dtype="float64"),
        "peak": ((dates >= start) & (dates < end)).to_numpy(dtype="float64"),
        "wave": np.where(reach, since * np.exp(1 - since), 0.0),
    }


def sale_factors(
    dates: pd.Series, sales: pd.DataFrame, response: Response, strengths: Floats
) -> tuple[Floats, Floats]:
    """Return what all sales make of a queue's contacts and handle times, by day.

    Sales add to the usual; ``strengths`` are their intensities as they came true for the queue.
    """
    volume, aht = np.ones(len(dates)), np.ones(len(dates))
    for (_, sale), strength in zip(sales.iterrows(), strengths, strict=True):
        shape = shapes(dates, sale, response.wave_day)
        added = (getattr(response, part) * curve for part, curve in shape.items())
        volume += strength * sum(added)
        aht *= response.wave_aht ** (min(strength, 1.5) * shape["wave"])
    return volume, aht


def weekly_orders(
    dates: pd.Series, sales: pd.DataFrame, growth: Floats, sd: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the orders of every week, and those planned for it before it began.

    Parameters
    ----------
    dates
        Local days, whole weeks from a Monday on.
    sales
        As ``sales_between`` returns them.
    growth
        Level of each day, 1 at the beginning.
    sd
        Error of the plan, on the log.
    rng
        Source of chance.
    """
    factor = np.ones(len(dates))
    for _, sale in sales.iterrows():
        shape = shapes(dates, sale, wave_day=1)
        after = (dates >= sale["end"]) & (dates < sale["end"] + AFTER_DAYS * DAY)
        parts = {"presale": shape["presale"], "peak": shape["peak"], "after": after.to_numpy()}
        factor += sale["intensity"] * sum(ORDER_FACTORS[name] * on for name, on in parts.items())
    daily = 40_000 * growth * np.maximum(factor, 0.3)
    orders = daily.reshape(-1, 7).sum(axis=1)
    planned = orders * np.exp(rng.normal(0, 1, len(orders)) * sd)
    return pd.DataFrame({"week": dates.iloc[::7].to_numpy(), "orders": orders, "planned": planned})
