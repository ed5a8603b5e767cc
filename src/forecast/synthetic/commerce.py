"""An invented e-commerce centre: what came, who was there, and the truth behind it."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.schema import HISTORY, SERIES, local_time
from forecast.synthetic.centre import Centre, make_centre
from forecast.synthetic.commerce_days import day_factors
from forecast.synthetic.commerce_spec import INTERVAL_MIN, CommerceSpec, QueueSpec, SiteSpec
from forecast.synthetic.people import people_by_month
from forecast.synthetic.sales import sale_factors, sales_between, weekly_orders
from forecast.synthetic.spec import CentreSpec
from forecast.synthetic.staffed import history_of

WEEKDAYS = (1.08, 1.04, 1.0, 1.0, 1.0, 0.94, 0.94)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Commerce:
    """The centre's history and the truth behind it, past the cutoff too.

    Attributes
    ----------
    spec
        What it was made from.
    history
        HISTORY of all weeks, those after the cutoff among them; ``agents`` are those of the plain
        rule, and who gave up did so before them.
    rates
        By series and ``ds``: ``local``, ``rate`` (contacts expected) and ``aht_s``.
    sales
        Each year's sales, as ``sales.sales_between`` returns them.
    orders
        By week: ``orders``, and those ``planned`` for it before it began.
    people
        By site and month: ``heads`` at its beginning, ``left`` and ``hired``.
    cutoff
        Local midnight at which the three years end.
    """

    spec: CommerceSpec
    history: pd.DataFrame
    rates: pd.DataFrame
    sales: pd.DataFrame
    orders: pd.DataFrame
    people: pd.DataFrame

    @property
    def cutoff(self) -> pd.Timestamp:
        """Return the local midnight at which the history ends, and the weeks ahead begin."""
        return pd.Timestamp(self.spec.first_day) + pd.Timedelta(weeks=self.spec.weeks)

    def past(self) -> pd.DataFrame:
        """Return HISTORY before the cutoff of each site."""
        local = self.rates["local"].to_numpy()
        return self.history[local < self.cutoff.to_datetime64()].reset_index(drop=True)


def make_commerce(spec: CommerceSpec, *, seed: int) -> Commerce:
    """Return an invented e-commerce centre.

    A day's rate is that of an ordinary centre (``make_centre``) x growth x what the calendar and
    the sales make of it; contacts are Poisson around it. Every week was staffed by the plain rule,
    and who was answered follows from Erlang A with those agents.

    Parameters
    ----------
    spec
        What the centre is like.
    seed
        Same spec and seed, same centre, to the byte.

    Examples
    --------
    >>> centre = make_commerce(CommerceSpec(weeks=8, weeks_ahead=1), seed=7)
    >>> len(centre.history.groupby(["site", "queue", "channel"])), str(centre.cutoff.date())
    (5, '2022-12-12')
    """
    children = np.random.SeedSequence(seed).spawn(3 + len(spec.queues))
    calendar_rng, people_rng, order_rng = (np.random.default_rng(c) for c in children[:3])
    dates = pd.Series(
        pd.date_range(spec.first_day, periods=7 * (spec.weeks + spec.weeks_ahead), unit="us")
    )
    sales = sales_between(spec.sales, dates.iloc[0], dates.iloc[-1], calendar_rng)
    growth = (1 + spec.growth_per_year) ** (np.arange(len(dates)) / 365.25)
    orders = weekly_orders(dates, sales, growth, spec.order_plan_sd, order_rng)
    histories, rates = [], []
    for queue, child in zip(spec.queues, children[3:], strict=True):
        rng = np.random.default_rng(child)
        truth = _truth(spec, queue, dates, sales, growth, rng)
        histories.append(history_of(spec, queue, truth, orders, rng))
        rates.append(truth)
    history, truth = (pd.concat(parts, ignore_index=True) for parts in (histories, rates))
    order = truth.sort_values([*SERIES, "ds"]).index
    return Commerce(
        spec=spec,
        history=HISTORY.validate(history.loc[order].reset_index(drop=True), "make_commerce"),
        rates=truth.loc[order].reset_index(drop=True),
        sales=sales,
        orders=orders,
        people=people_by_month(history.assign(local=truth["local"]), spec, people_rng),
    )


def _ordinary(spec: CommerceSpec, queue: QueueSpec, site: SiteSpec, days: int, seed: int) -> Centre:
    """Return the queue as it would be without growth, calendar and sales."""
    return make_centre(
        CentreSpec(
            site=queue.site,
            queue=queue.queue,
            channel=queue.channel,
            zone=site.zone,
            first_day=spec.first_day,
            days=days,
            interval_min=INTERVAL_MIN,
            opens=site.opens,
            closes=site.closes,
            contacts_per_day=queue.contacts_per_day,
            weekdays=WEEKDAYS,
            level_sd=0.003,
            season=0.03,
            noise_sd=spec.noise_sd,
            aht_s=queue.aht_s,
            aht_contact_cv=spec.aht_contact_cv,
            kinds=(),
        ),
        seed=seed,
    )


def _truth(
    spec: CommerceSpec,
    queue: QueueSpec,
    dates: pd.Series,
    sales: pd.DataFrame,
    growth: Floats,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return series, ds, local, rate and aht_s of every open interval of one queue."""
    site = spec.site(queue.site)
    ordinary = _ordinary(spec, queue, site, len(dates), int(rng.integers(2**31)))
    strengths = sales["intensity"].to_numpy() * np.exp(rng.normal(0, 1, len(sales)) * spec.sale_sd)
    volume, aht = sale_factors(dates, sales, queue.response, strengths)
    volume = volume * growth * day_factors(dates, site, WEEKDAYS)
    rates = ordinary.rates.assign(local=local_time(ordinary.rates["ds"], ZoneInfo(site.zone)))
    day = (rates["local"].dt.normalize() - dates.iloc[0]).dt.days.to_numpy()
    base_aht_s = ordinary.truth["base_aht_s"].to_numpy()
    out = pd.DataFrame(
        {
            "site": queue.site,
            "queue": queue.queue,
            "channel": queue.channel,
            "ds": rates["ds"],
            "local": rates["local"],
            "rate": rates["rate"].to_numpy() * volume[day],
            "aht_s": (base_aht_s * aht)[day],
        }
    )
    is_open: pd.DataFrame = out[volume[day] > 0].reset_index(drop=True)
    return is_open
