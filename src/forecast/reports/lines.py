"""What the lines of a bill are called in a language."""

import re

from forecast.capacity.money.pay import KINDS
from forecast.reports.words import Words

_PENALTY = re.compile(r"penalty: (day|week)(?: of (.*))? with ([a-z ]+) below ([0-9.]+)", re.DOTALL)


def line_name(line: str, words: Words) -> str:
    r"""Return what is paid for in words; names of contracts and queues stay as they are.

    Examples
    --------
    >>> from forecast.reports.words import of
    >>> line_name("pay full: workday overtime x 1.5", of("en"))
    'pay full: workday overtime x 1.5'
    >>> line_name("penalty: week of vip with service level below 0.8", of("en"))
    'penalties: weeks of vip with a service level below 80\xa0%'
    >>> line_name("leavers replaced", of("zh"))
    '补充离职人员'
    """
    penalty = _PENALTY.fullmatch(line)
    if penalty:
        per, queues, target, below = penalty.groups()
        key = "line.penalty" if queues is None else "line.penalty_of"
        return words.text(
            key,
            per=words.name("periods", per),
            queues=queues or "",
            target=words.name("kpi", target),
            below=words.percent(float(below), 0 if float(below) * 100 % 1 == 0 else 1),
        )
    kind, colon, rest = line.partition(": ")
    if not colon or not kind.startswith("pay "):
        return words.name("line", line.replace(":", ""))
    hours, times_, factor = rest.partition(" x ")
    told = " ".join(words.name("hours", part) for part in _parts(hours))
    contract = kind.removeprefix("pay ")
    if not times_:
        return words.text("line.pay", contract=contract, hours=told)
    return words.text("line.pay_times", contract=contract, hours=told, factor=factor)


def _parts(hours: str) -> list[str]:
    kind = next((kind for kind in KINDS if hours.startswith(kind)), "")
    return [part for part in (kind, *hours.removeprefix(kind).split()) if part]
