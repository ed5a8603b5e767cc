"""The words of reports by language, and how that language writes numbers, money and dates.

A catalogue is a flat YAML file: a dotted key and a text with named placeholders. Figures take
``words.text(key)``, templates ``words.html(key)``, in which all that is put in is escaped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from forecast.errors import ParamsError
from forecast.yamlfile import read_yaml

FOLDER = Path(__file__).parent
NOTHING = "–"


@dataclass(frozen=True)
class Words:
    """A catalogue."""

    language: str
    texts: Mapping[str, str]

    def text(self, key: str, /, **values: object) -> str:
        """Return a text with its placeholders filled in.

        Raises
        ------
        ParamsError
            For a key that the catalogue does not have, and a placeholder without a value.
        """
        return self._filled(key, self._of(key), values)

    def html(self, key: str, /, **values: object) -> Markup:
        """Return the same as HTML: what is put in is escaped unless it is markup already."""
        return Markup(self._filled(key, Markup(escape(self._of(key))), values))  # noqa: S704 - escaped

    def name(self, family: str, code: object, *, as_is: bool = False) -> str:
        """Return what a code is called; one that the catalogue lacks is shown itself.

        A code that people write as they like (``as_is``) keeps its underscores.

        Examples
        --------
        >>> of("en").name("risk", "p90"), of("en").name("scenario", "my_own")
        ('P90 of the rate', 'my own')
        """
        told, own = str(code).replace(" ", "_"), str(code)
        return self.texts.get(f"{family}.{told}", own if as_is else own.replace("_", " "))

    def number(self, value: float, digits: int = 0, *, sign: bool = False) -> str:
        """Return a number with separators of thousands."""
        if pd.isna(value):
            return NOTHING
        rounded = round(float(value), digits) or 0.0  # no minus before a zero
        told = f"{rounded:{'+' if sign else ''},.{digits}f}"
        return told.replace("-", "\N{MINUS SIGN}")

    def percent(self, share: float, digits: int = 1, *, sign: bool = False) -> str:
        """Return a share as percent.

        Examples
        --------
        >>> of("zh").percent(0.977), of("zh").percent(0.05, 0, sign=True)
        ('97.7%', '+5%')
        """
        if pd.isna(share):
            return NOTHING
        return self.text("format.percent", value=self.number(100 * share, digits, sign=sign))

    def money(self, amount: float, currency: str, digits: int = 0, *, sign: bool = False) -> str:
        """Return an amount with its currency.

        Examples
        --------
        >>> of("en").money(1234.5, "USD"), of("zh").money(1234.5, "USD")
        ('USD 1,234', '1,234 美元')
        """
        if pd.isna(amount):
            return NOTHING
        told = self.number(amount, digits, sign=sign)
        return self.text("format.money", amount=told, currency=self.name("currency", currency))

    def money_short(self, amount: float, currency: str) -> str:
        """Return an amount in the language's large unit, where it is as large.

        Examples
        --------
        >>> of("en").money_short(2148652, "USD"), of("zh").money_short(2148652, "CNY")
        ('USD 2.15 million', '214.9 万元')
        """
        unit = float(self.text("format.large_unit"))
        if pd.isna(amount) or abs(amount) < unit:
            return self.money(amount, currency)
        told = self.number(amount / unit, int(self.text("format.large_digits")))
        return self.text(
            "format.money_large", amount=told, currency=self.name("currency", currency)
        )

    def date(self, day: Any) -> str:
        """Return a date.

        Examples
        --------
        >>> of("en").date("2003-10-27"), of("zh").date("2003-10-27")
        ('27 Oct 2003', '2003年10月27日')
        """
        return self._dated("format.date", day)

    def day(self, day: Any) -> str:
        """Return a date without its year."""
        return self._dated("format.day", day)

    def weekday(self, number: int) -> str:
        """Return a weekday, 0 being Monday."""
        return self.text(f"weekday.{number}")

    def month(self, day: Any, *, with_year: bool = False) -> str:
        """Return a month."""
        return self._dated("format.month_year" if with_year else "format.month", day)

    def moment(self, moment: Any) -> str:
        """Return a date, and the time where it is not midnight."""
        at = pd.Timestamp(moment)
        told = self.date(at)
        return told if at == at.normalize() else f"{told} {at:%H:%M}"

    def span(self, first: str, last: str) -> str:
        """Return from where to where something is."""
        return first if first == last else self.text("format.span", first=first, last=last)

    def listed(self, parts: Iterable[str]) -> str:
        """Return parts side by side."""
        return self.text("format.comma").join(parts)

    def _dated(self, key: str, day: Any) -> str:
        at = pd.Timestamp(day)
        if pd.isna(at):
            return NOTHING
        month = self.text(f"month.{at.month}")
        return self.text(
            key, day=at.day, month=month, year=at.year, weekday=self.weekday(at.weekday())
        )

    def _of(self, key: str) -> str:
        if key not in self.texts:
            raise ParamsError(f"the catalogue {self.language}.yaml has no key {key!r}; add it")
        return self.texts[key]

    def _filled(self, key: str, text: str, values: Mapping[str, object]) -> str:
        try:
            return text.format(**values)
        except (KeyError, IndexError) as error:
            raise ParamsError(
                f"{self.language}.yaml: {key!r} has the placeholder {error}, for which there is no "
                f"value ({', '.join(values) or 'none is given'})"
            ) from None


def languages() -> list[str]:
    """Return the languages that there is a catalogue for."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml") if "." not in path.stem)


@cache
def of(language: str) -> Words:
    """Return a language's words.

    Raises
    ------
    ParamsError
        When there is no such catalogue.
    """
    if language not in languages():
        raise ParamsError(
            f"report.language must be one of {', '.join(languages())}; found {language!r}"
        )
    return Words(language, catalogue("", language))


@cache
def catalogue(name: str, language: str) -> Mapping[str, str]:
    """Return the texts of one catalogue by key: "alerts", "app", "workbook", or "" for the page's.

    Examples
    --------
    >>> catalogue("alerts", "zh")["overtime"]
    '加班'
    """
    texts = read_yaml(FOLDER / f"{name}.{language}.yaml".removeprefix("."))
    return {str(key): str(text) for key, text in texts.items()}
