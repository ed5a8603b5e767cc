"""The section ``shifts`` and a dated week -> what is asked of the planner."""

from collections.abc import Mapping
from datetime import date

import numpy as np

from forecast.capacity.money.pay import multipliers
from forecast.capacity.money.planned import NOWHERE
from forecast.capacity.shifts.contracts import Ask, Contract, Overtime, Share, Site, TimeOff
from forecast.capacity.shifts.dated import DatedWeek
from forecast.capacity.shifts.templates import Break, Template, window
from forecast.capacity.shifts.week import Floats, Ints
from forecast.capacity.shrinkage import off_position
from forecast.errors import ParamsError
from forecast.params import Params, ShiftsParams
from forecast.params.shifts import ShareRule, ShiftContract, ShiftForm

OVERTIME = 1.5
"""Multiplier of overtime where the section ``costs`` does not say."""
Dates = Mapping[str, frozenset[date]]


def ask_of(
    params: Params,
    dated: DatedWeek,
    required: Mapping[str, Ints],
    holidays: Dates | None = None,
    makeup_workdays: Dates | None = None,
) -> Ask:
    """Return the week that the settings ask for, with the contracts of the section ``shifts``.

    Parameters
    ----------
    params
        ``shifts`` is used; ``sites`` for seats and pay, ``costs`` for pay and premiums.
    dated, required
        The week, and people to schedule in it by site.
    holidays, makeup_workdays
        Local dates by site, for premiums.

    Raises
    ------
    ParamsError
        When a contract is of a site that requires nobody, or that is not there.
    InputError
        When the contracts contradict themselves; all that does is listed.
    """
    asked = params.shifts
    if asked is None:
        raise ParamsError("the section shifts is null: write the contracts there (docs/shifts.md)")
    names = sorted(required)
    contracts = []
    for name, contract in asked.contracts.items():
        where = names if contract.sites == "all" else contract.sites
        for site in where:
            if site not in names:
                raise ParamsError(
                    f"shifts.contracts.{name}.sites: there is no site {site!r} ({', '.join(names)})"
                )
            contracts.append(_contract(params, name, contract, site, alone=len(names) == 1))
    per_interval = asked.understaffing_cost_per_hour
    return Ask(
        week=dated.week,
        sites=tuple(
            _site(params, dated, site, holidays or {}, makeup_workdays or {}) for site in names
        ),
        contracts=tuple(contracts),
        required=required,
        understaffing_cost=None
        if per_interval is None
        else per_interval * dated.week.interval_min / 60,
        pooled=asked.pooled,
        shares=tuple(_share(rule, contracts) for rule in asked.shares),
    )


def full_time_of(ask: Ask, asked: ShiftsParams) -> list[str]:
    """Return the names in an ask of the contracts that are full-time."""
    return [one.name for one in ask.contracts if asked.contracts[short(one)].full_time]


def short(contract: Contract) -> str:
    """Return the name of a contract in the settings.

    Examples
    --------
    >>> day = window("day", (480,), 480)
    >>> short(Contract("full at pune", "pune", 9.0, (day,), 40, 40))
    'full'
    """
    return contract.name.removesuffix(f" at {contract.site}")


def template_of(name: str, form: ShiftForm) -> Template:
    """Return the shifts of a form, a start and a time of the break each.

    Examples
    --------
    >>> form = ShiftForm(starts=["07:00"], length_min=510, break_min=30, break_after_min=[210, 240])
    >>> [shift.name for shift in template_of("early", form).shifts]
    ['07:00-15:30 break 10:30', '07:00-15:30 break 11:00']
    """
    starts = [int(text[:2]) * 60 + int(text[3:]) for text in form.starts]
    rests = [
        (Break(after, form.break_min, keeps_seat=not form.split),) for after in form.break_after_min
    ]
    return window(name, starts, form.length_min, rests or ((),))


def _contract(params: Params, name: str, one: ShiftContract, site: str, *, alone: bool) -> Contract:
    extra, off = one.overtime, one.time_off
    times = OVERTIME if params.costs is None else params.costs.premiums.overtime
    return Contract(
        name=name if alone else f"{name} at {site}",
        site=site,
        wage_per_hour=_wage(params, name, one, site),
        templates=tuple(template_of(label, form) for label, form in one.shifts.items()),
        hours_min=one.hours_min,
        hours_max=one.hours_max,
        days_max=one.days_max,
        rest_h=one.rest_h,
        heads_min=one.heads_min,
        heads_max=one.heads_max,
        cost_per_head=one.cost_per_head,
        remote=one.remote,
        overtime=None if extra is None else Overtime(extra.length_min, extra.days_max, times),
        time_off=None if off is None else TimeOff(off.length_min, off.days_max),
    )


def _wage(params: Params, name: str, one: ShiftContract, site: str) -> float:
    if one.pay_per_hour is not None:
        return one.pay_per_hour
    if params.costs is not None and name in params.costs.contracts:
        return params.costs.contracts[name].pay_per_hour
    if params.sites is not None and site in params.sites.places:
        return params.sites.places[site].pay_per_hour
    return params.capacity.cost_per_paid_hour


def _site(params: Params, dated: DatedWeek, name: str, holidays: Dates, makeup: Dates) -> Site:
    place = None if params.sites is None else params.sites.places.get(name)
    premiums: dict[str, Floats] = {}
    if params.costs is not None:
        times = multipliers(
            dated.local(name),
            dated.week.interval_min,
            params.costs,
            holidays=holidays.get(name, NOWHERE),
            makeup_workdays=makeup.get(name, NOWHERE),
        )
        premiums = {"premiums": times - 1}
    seats = None
    if place is not None and place.seats is not None:
        flat = params.capacity.shrinkage if place.shrinkage is None else place.shrinkage
        ledger = params.shrinkage if place.shrinkage is None else None
        # Of so many people no more than the seats are on position, even when fewest are away.
        away = float(np.min(off_position(dated.local(name), flat, ledger)))
        seats = int(place.seats / (1 - away) + 1e-9)
    return Site(name, dated.utc_offset_min[name], seats, premiums)


def _share(rule: ShareRule, contracts: list[Contract]) -> Share:
    own = tuple(one.name for one in contracts if short(one) in rule.contracts)
    return Share(own, rule.at_least, rule.at_most, rule.of)
