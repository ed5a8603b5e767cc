"""Whether a query only reads: the first of two locks, the other being the database's own."""

import re

from forecast.errors import InputError

_QUOTED = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \[[^\]]*\]
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ | --[^\n]* | /\*.*?\*/""",
    re.VERBOSE | re.DOTALL,
)
_CHANGES = re.compile(
    r"\b(insert|update|delete|merge|into|create|alter|drop|truncate|grant|revoke|call|exec|execute|"
    r"copy|attach|pragma|vacuum|lock)\b"
)


def only_reads(query: str) -> str:
    """Return a query without its last semicolon, if all it can do is read.

    Raises
    ------
    InputError
        When it is empty, no SELECT or WITH, several statements, or holds a word that changes data.

    Examples
    --------
    >>> only_reads("SELECT queue, 'drop; delete' AS note FROM calls -- update;") [:12]
    'SELECT queue'
    """
    bare = _QUOTED.sub(" ", query).strip().rstrip(";").strip().casefold()
    if not bare:
        raise InputError("the query is empty; give one SELECT")
    if not re.match(r"(select|with)\b", bare.lstrip("( \n\t")):
        raise InputError(f"the query must begin with SELECT or WITH; found '{bare.split()[0]}'")
    if ";" in bare:
        raise InputError("the query holds several statements; give one SELECT")
    if found := _CHANGES.search(bare):
        raise InputError(
            f"the query holds the word {found[0].upper()}, and must only read; a column of that "
            'name needs quotes ("")'
        )
    return query.strip().rstrip(";")
