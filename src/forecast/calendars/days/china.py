"""China's days off and make-up workdays: by law, as published, and as expected until published.

Each year the State Council arranges days off around the festivals and has weekends worked in
exchange. Until it has published a year's arrangement, the day types of that year are expected from
the years published before, with the chance that they come otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import holidays
import pandas as pd
from pydantic import Field

from forecast.calendars.days.festivals import OFF, said_of
from forecast.calendars.days.public import FRIDAY, marks, named_days
from forecast.params.calendar import Place
from forecast.schema import ALWAYS, LOCAL
from forecast.settings import Section
from forecast.yamlfile import read_yaml

FAMILIES: Mapping[str, str] = {
    "New Year's Day": "New Year",
    "Chinese New Year (Spring Festival)": "Spring Festival",
    "Chinese New Year's Eve": "Spring Festival",
    "Chinese New Year Extended Holiday": "Spring Festival",
    "Tomb-Sweeping Day": "Qingming",
    "Labor Day": "Labour Day",
    "Dragon Boat Festival": "Dragon Boat",
    "Mid-Autumn Festival": "Mid-Autumn",
    "National Day": "National Day",
    "70th Anniversary of the Victory of the Chinese People's War of Resistance against Japanese "
    "Aggression and the World Anti-Fascist War": "Victory Day",
}
"""The library's names -> the festivals as planners call them."""
LONG = ("Spring Festival", "Labour Day", "National Day")
"""Festivals whose breaks are longer than a long weekend."""
POOL_FROM = 2008
"""First year that expectations rest on: since then the festivals are today's."""
AROUND_DAYS = 9
"""Days before and after a festival whose type is expected from earlier years."""
PSEUDO_YEARS = 1
LENT_YEARS = 2
"""Few years tell little: as many without a departure from the law are added to a festival's own,
and as many with the festival's share to those on the same weekday. Chosen on 2014 to 2026."""
LATEST_NOTICE = (12, 16)
"""Month and day by which a notice has always been published: taken for years that the library has
and the list of notices has not."""
_TURNED = {
    "working_day": "in_lieu_day_off",
    "weekend": "makeup_workday",
    "in_lieu_day_off": "working_day",
}
_CASE = {day_type: number for number, day_type in enumerate(_TURNED)}
_NEVER = pd.Timestamp("2261-01-01")


class Law(Section):
    """Which days are holidays by law, from a year on."""

    announced: date
    first_year: int
    days: dict[str, list[int]]
    """Family -> days from the festival's own day."""


class Change(Section):
    """What was published later for some days of a year whose arrangement was out."""

    announced: date
    first: date
    last: date
    before: dict[date, date]
    """Day off -> make-up workday, as had been published for these days before."""


class Published(Section):
    """When China's holidays became known."""

    laws: list[Law] = Field(min_length=1)
    notices: dict[int, date]
    """Year -> day on which its arrangement was published."""
    changes: list[Change]


@cache
def published() -> Published:
    """Return the list that comes with the package; it does not change while it runs."""
    return Published.model_validate(read_yaml(Path(__file__).parent / "published.yaml"))


def is_arranged(place: Place) -> bool:
    """Return whether a place follows China's arrangement of days off and make-up workdays."""
    return place.country.upper() in {"CN", "CHN"} and "public" in place.categories


def unpublished(years: Sequence[int], found: holidays.HolidayBase) -> list[int]:
    """Return the years whose arrangement neither the package nor the library has."""
    return [year for year in years if year not in _notices(years, named_days(found))]


def editions(
    years: Sequence[int], found: holidays.HolidayBase
) -> Iterator[tuple[pd.Timestamp, pd.DataFrame]]:
    """Yield each day on which something was published, and the MARKS as known from it on.

    Parameters
    ----------
    years
        Years wanted.
    found
        The library's holidays of the years from ``POOL_FROM``, or of those wanted when they begin
        earlier, to the last.
    """
    told = published()
    named = named_days(found)
    anchors = _anchors(named)
    notices = _notices(sorted(found.years), named)
    arranged = _arranged(_families(named), anchors, notices)
    windows = _windows(anchors)
    days = {ALWAYS, *notices.values(), *(pd.Timestamp(t.announced) for t in told.changes)}
    days |= {_announced(law) for law in told.laws}
    by_law = {day: _lawful(anchors, day) for day in {_announced(law) for law in told.laws}}
    for day in sorted(days):
        lawful = by_law[max(announced for announced in by_law if announced <= day)]
        now = arranged[(arranged["known"] <= day) & (day < arranged["until"])]
        out = {year for year, notice in notices.items() if notice <= day}
        expected = _expected(windows, lawful, now, out)
        statutory = lawful[lawful["day_type"] == "statutory_holiday"]
        provisional = ~statutory["date"].dt.year.isin(out)
        statutory = statutory.assign(
            name=statutory["family"],
            plain=statutory["day_type"],
            expected_of=statutory["anchor"].where(provisional),
        )
        rows = pd.concat([statutory, now, expected])
        yield day, marks(rows[rows["date"].dt.year.isin(years)].reset_index(drop=True))


def _announced(law: Law) -> pd.Timestamp:
    """Return since when a law is known; those from before the first notice are known all along."""
    day = pd.Timestamp(law.announced)
    return day if day >= pd.Timestamp(min(published().notices.values())) else ALWAYS


def _families(named: pd.DataFrame) -> pd.DataFrame:
    """Return the library's days under the planners' names of the festivals."""
    extra = named["name"].str.contains("Extended", regex=False)
    family = named["family"].map(FAMILIES)
    name = (family + " (extended)").where(extra, family)
    return named.assign(family=family.fillna(named["family"]), name=name.fillna(named["name"]))


def _anchors(named: pd.DataFrame) -> pd.DataFrame:
    """Return each festival's own day, from the library's names: family, year, anchor."""
    lasting = {family for law in published().laws for family in law.days}
    own = named[~named["in_lieu"] & ~named["name"].str.endswith(" Eve")]
    own = own.assign(family=own["family"].map(FAMILIES), year=own["date"].dt.year)
    own = own[own["family"].isin(lasting)]
    return own.groupby(["family", "year"])["date"].min().rename("anchor").reset_index()


def _notices(years: Sequence[int], named: pd.DataFrame) -> dict[int, pd.Timestamp]:
    """Return since when each year's arrangement is known; years without one are left out."""
    listed = published().notices
    swapped = set(named.loc[named["paid_by"].notna(), "date"].dt.year)
    days = {}
    for year in years:
        if year in listed:
            days[year] = pd.Timestamp(listed[year])
        elif year < min(listed):
            days[year] = ALWAYS
        elif year in swapped:
            days[year] = pd.Timestamp(year - 1, *LATEST_NOTICE)
    return days


def _lawful(anchors: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the days off that the law itself gives, as it was announced by a day.

    A holiday on a weekend, or on another holiday, is made good on the next working day.
    """
    laws = [law for law in published().laws if _announced(law) <= day]
    rows = []
    for year, own in anchors.groupby("year"):
        law = next((w for w in reversed(laws) if w.first_year <= int(str(year))), laws[0])
        festivals = zip(own["family"], own["anchor"].dt.date, strict=True)
        days = sorted(
            (anchor + timedelta(days=offset), family, anchor)
            for family, anchor in festivals
            for offset in law.days.get(family, [])
        )
        taken, seen = {d for d, _, _ in days}, set()
        for d, family, anchor in days:
            rows.append((d, "statutory_holiday", family, anchor))
            if d.weekday() > FRIDAY or d in seen:
                off = d
                while off.weekday() > FRIDAY or off in taken:
                    off += timedelta(days=1)
                taken.add(off)
                rows.append((off, "in_lieu_day_off", "", None))
            seen.add(d)
    found = pd.DataFrame(rows, columns=["date", "day_type", "family", "anchor"])
    return found.assign(
        date=pd.to_datetime(found["date"]).astype(LOCAL),
        anchor=pd.to_datetime(found["anchor"]).astype(LOCAL),
    )


def _arranged(
    named: pd.DataFrame, anchors: pd.DataFrame, notices: Mapping[int, pd.Timestamp]
) -> pd.DataFrame:
    """Return what notices arranged: days off, make-up workdays and single holidays, since when.

    Days off in December belong to the next New Year, and so do their make-up workdays.
    """
    lawful = _lawful(anchors, _NEVER)
    by_law = lawful.loc[lawful["day_type"] == "statutory_holiday", "date"]
    single = named[~named["in_lieu"] & ~named["date"].isin(by_law)]
    of_old = single["family"].isin([*FAMILIES.values()])
    single = single.assign(
        day_type="statutory_holiday",
        known=single["date"].dt.year.map(notices).where(of_old, ALWAYS),
    )
    off = named[named["in_lieu"]]
    notice = off["date"].dt.year + (off["date"].dt.month == 12)
    rows = pd.concat([_swaps(off.assign(known=notice.map(notices))), single])
    rows = rows[rows["known"].notna()].assign(until=_NEVER)
    for change in published().changes:
        day, year = pd.Timestamp(change.announced), change.first.year
        if year not in notices:
            continue
        of_it = rows["date"].between(pd.Timestamp(change.first), pd.Timestamp(change.last))
        was = pd.DataFrame(list(change.before.items()), columns=["date", "paid_by"])
        was = _swaps(was.astype({"date": LOCAL, "paid_by": LOCAL}).assign(known=notices[year]))
        rows = pd.concat(
            [rows.assign(known=rows["known"].where(~of_it, day)), was.assign(until=day)]
        )
    return rows.astype({"known": LOCAL, "until": LOCAL})


def _swaps(off: pd.DataFrame) -> pd.DataFrame:
    """Return days off in lieu, and the weekend days that are worked for them."""
    off = off.assign(day_type="in_lieu_day_off", name="", family="")
    worked = off[off["paid_by"].notna()]
    worked = worked.assign(
        date=worked["paid_by"], day_type="makeup_workday", works_as=worked["date"].dt.day_of_week
    )
    return pd.concat([off, worked])


def _windows(anchors: pd.DataFrame) -> pd.DataFrame:
    """Return the days around each festival; one between two belongs to the nearer, or the longer.

    ``of_festival`` numbers days at one distance from one festival, ``of_weekday`` those of
    festivals on one weekday; in this the short festivals are alike.
    """
    around = pd.DataFrame({"offset": range(-AROUND_DAYS, AROUND_DAYS + 1)})
    days = anchors.merge(around, how="cross")
    days = days.assign(
        date=days["anchor"] + pd.to_timedelta(days["offset"], unit="D"),
        apart=days["offset"].abs(),
        short=~days["family"].isin(LONG),
        alike=days["family"].where(days["family"].isin(LONG), "short"),
        weekday=days["anchor"].dt.day_of_week,
    )
    days = days.sort_values(["date", "apart", "short", "offset"]).drop_duplicates("date")
    base = pd.Series("working_day", index=days.index)
    return days.assign(
        base=base.where(days["date"].dt.day_of_week <= FRIDAY, "weekend"),
        of_festival=days.groupby(["family", "offset"]).ngroup(),
        of_weekday=days.groupby(["alike", "weekday", "offset"]).ngroup(),
    )


def _expected(
    windows: pd.DataFrame, lawful: pd.DataFrame, now: pd.DataFrame, out: set[int]
) -> pd.DataFrame:
    """Return the days around the festivals of unpublished years, as expected, with their doubt.

    The chance that a day comes otherwise than the law alone has it is the share of published years
    in which it did: of the same festival at the same distance, shrunk towards none; and then of the
    years in which the festival was on the same weekday, shrunk towards that. The likelier type is
    expected, and the rarer one's chance is the doubt.

    Parameters
    ----------
    windows
        As ``_windows`` returns them.
    lawful, now
        Days off by law, and arranged days, as known on the day of the edition.
    out
        Years whose arrangement has been published by then.
    """
    by_law = lawful[lawful["day_type"] == "statutory_holiday"]
    days = windows[~windows["date"].isin(by_law["date"])]
    in_lieu = days["date"].isin(lawful["date"])
    days = days.assign(plain=days["base"].where(~in_lieu, "in_lieu_day_off"))
    is_out = days["year"].isin(out)
    came = said_of(days["date"], now.drop_duplicates("date").set_index("date")["day_type"])
    # A weekend that became a holiday is as free as it was: it tells of no make-up workday.
    otherwise = came.fillna(days["base"]).isin(OFF) != days["plain"].isin(OFF)
    pool = is_out & (days["year"] >= POOL_FROM)
    ask = days[~is_out]
    share = pd.Series(0.0, index=ask.index)
    for key, lent in (("of_festival", PSEUDO_YEARS), ("of_weekday", LENT_YEARS)):
        case = days[key] * len(_TURNED) + days["plain"].map(_CASE)
        counts = otherwise[pool].groupby(case[pool]).agg(["sum", "count"])
        seen = counts.reindex(case[~is_out], fill_value=0).set_axis(ask.index)
        share = (seen["sum"] + lent * share) / (seen["count"] + lent)
    turned = ask["plain"].map(_TURNED).where(share > 0.5, ask["plain"])
    ask = ask.assign(day_type=turned, doubt=share.where(share <= 0.5, 1 - share))
    return ask.assign(works_as=float(FRIDAY), expected_of=ask["anchor"])[
        ["date", "day_type", "works_as", "plain", "expected_of", "doubt"]
    ]
