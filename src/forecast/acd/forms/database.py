"""A query's answer -> a parquet file of texts among the exports, read like any other of them.

Persons stay in the database: columns that hold agents or callers are not written, whatever is asked
for. Agents on duty are therefore not told from call records that come this way.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import URL, Connection, CursorResult, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from forecast.acd.forms.query import only_reads
from forecast.acd.forms.sheet import Sheet, as_text
from forecast.acd.profile import Profile
from forecast.acd.sheets.fit import Fit, fits, spelled, used
from forecast.errors import InputError
from forecast.store import replacing

BATCH_ROWS = 10_000
CONNECT_S = 15
SHORTEST_SECRET = 4
_SECRET = re.compile(r"pass|pwd|secret|token|odbc_connect", re.IGNORECASE)


@dataclass(frozen=True)
class Extract:
    """What an answer is: nothing of it is a secret."""

    profile: str
    """Profile that reads it."""
    source: str
    """The DSN without its password."""
    query_sha256: str
    kept: tuple[str, ...]
    """Columns that are written."""
    dropped: tuple[str, ...]
    """Columns that hold persons, or that the profile does not know."""

    def schema(self) -> pa.Schema:
        """Return the columns, all of them texts, with where they come from as metadata."""
        told = {
            "forecast.profile": self.profile,
            "forecast.source": self.source,
            "forecast.query_sha256": self.query_sha256,
        }
        return pa.schema([(name, pa.string()) for name in self.kept], metadata=told)


def extract(
    dsn: str, query: str, known: Sequence[Profile], file: str = "extract.parquet"
) -> tuple[pa.Table, Extract]:
    """Return the answer to a query as a table of texts, and what it is.

    Parameters
    ----------
    dsn
        Where the database is, as SQLAlchemy takes it: ``postgresql+psycopg://user:password@host/db``.
    query
        One SELECT, or a WITH that ends in one. Times with an offset keep it.
    known
        Profiles; the one that fits the names of the answer's columns is taken.
    file
        Name of the export that it is to become; some profiles are for files of a name.

    Raises
    ------
    InputError
        When the query is none or not one that only reads, the database cannot be reached or refuses
        it, no profile fits, or nothing comes back. The password is in no message.
    """
    with _answered(dsn, query, known, file) as (about, batches):
        table = pa.Table.from_batches(batches, about.schema())
    if not table.num_rows:
        raise _empty(about)
    return table, about


def write_extract(dsn: str, query: str, known: Sequence[Profile], path: str | Path) -> Extract:
    """Write the answer to a query as a parquet file, piece by piece, whole or not at all.

    Parameters are those of ``extract``. Metadata of the file: ``forecast.profile``,
    ``forecast.source`` (the DSN without its password) and ``forecast.query_sha256``.

    Raises
    ------
    InputError
        As ``extract``, and when the file is there already: exports are never overwritten.
    """
    target = Path(path)
    _refuse_existing(target)
    with _answered(dsn, query, known, target.name) as (about, batches), replacing(target) as beside:
        rows = 0
        with pq.ParquetWriter(beside, about.schema()) as writer:
            for batch in batches:
                writer.write_batch(batch)
                rows += batch.num_rows
        if not rows:
            raise _empty(about)
        _refuse_existing(target)
    return about


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise InputError(f"{target} exists, and exports are never overwritten; name another file")


def _empty(about: Extract) -> InputError:
    return InputError(f"{about.source}: the query returned no row; nothing was written")


@contextmanager
def _answered(
    dsn: str, query: str, known: Sequence[Profile], file: str
) -> Iterator[tuple[Extract, Iterator[pa.RecordBatch]]]:
    """Yield what the answer is, and its rows in batches, while the connection is open."""
    question = only_reads(query)
    url = _url(dsn)
    source = _shown(url)
    with _connected(url) as connection, _in_words(url, "the query failed"):
        result = _asked(connection, url, question)
        names = [*map(str, result.keys())]
        fit = _fitting(names, known, file, source)
        kept = _without_persons(fit)
        about = Extract(
            fit.profile.name,
            source,
            hashlib.sha256(query.encode()).hexdigest(),
            tuple(names[i] for i in kept),
            tuple(name for i, name in enumerate(names) if i not in kept),
        )
        again = fits(_sheet(about.kept, file), [p for p in known if not p.header])
        if again is None or again.profile.name != about.profile:
            raise InputError(
                f"{source}: profile {about.profile} cannot do without a column that holds persons "
                f"({', '.join(about.dropped)}), and they are not written; name another in it"
            )
        yield about, _batches(result, kept, about.schema())


def _batches(result: CursorResult[Any], kept: list[int], schema: pa.Schema) -> Iterator[Any]:
    for rows in result.partitions(BATCH_ROWS):
        columns = [
            pa.array([_text(row[i], schema.names[k]) for row in rows], type=pa.string())
            for k, i in enumerate(kept)
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _text(value: Any, column: str) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")  # str would write a zero of eight decimals as 0E-8
    if isinstance(value, bytes | bytearray | memoryview):
        raise InputError(f"column '{column}' holds bytes; turn it into text in the query")
    return as_text(value)


def _url(dsn: str) -> URL:
    try:
        url = make_url(dsn.strip())
    except (ArgumentError, ValueError):
        raise InputError(
            "the DSN cannot be read; write it like postgresql+psycopg://user:password@host/base, "
            "and special characters of the password like %40"
        ) from None
    file = str(url.database or ":memory:")
    plain = url.get_backend_name() == "sqlite" and not file.startswith(("file:", ":memory:"))
    if plain and not Path(file).is_file():  # SQLite would make one
        raise InputError(f"{_shown(url)}: there is no such file")
    return url


def _shown(url: URL) -> str:
    """Return a DSN without password and options: some drivers take a password there."""
    return url.set(query={}).render_as_string(hide_password=True)


def _told_by(error: Exception, url: URL) -> str:
    """Return what the driver says, in one line and without anything secret."""
    options = [v for k, v in url.query.items() if _SECRET.search(k)]
    flat = [part for v in options for part in ([v] if isinstance(v, str) else v)]
    secrets = [str(s) for s in (url.password, *flat) if s]
    if any(len(secret) < SHORTEST_SECRET for secret in secrets):
        return "the driver's message is not shown, for the password is too short to be told in it"
    message = " ".join(str(error).split())
    for secret in secrets:
        message = message.replace(secret, "***")
    return message[:500] or type(error).__name__


@contextmanager
def _in_words(url: URL, what: str) -> Iterator[None]:
    """Turn errors of the database and its driver into messages without secrets."""
    try:
        yield
    except DBAPIError as error:
        told = _told_by(error.orig if isinstance(error.orig, Exception) else error, url)
        raise InputError(f"{_shown(url)}: {what} ({told})") from None
    except NoSuchModuleError:
        raise InputError(
            f"{_shown(url)}: SQLAlchemy knows no database of this kind; postgresql+psycopg is one"
        ) from None
    except ModuleNotFoundError as error:
        raise InputError(
            f"{_shown(url)}: its driver {error.name} is not installed; install it"
        ) from None
    except SQLAlchemyError as error:
        raise InputError(f"{_shown(url)}: {what} ({_told_by(error, url)})") from None


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    """Yield a connection in a transaction that is never committed, and may only read."""
    is_postgres = url.get_backend_name() == "postgresql"
    limit = is_postgres and url.get_driver_name() in ("psycopg", "psycopg2")
    options = {"connect_timeout": CONNECT_S} if limit and "connect_timeout" not in url.query else {}
    with _in_words(url, "no connection"):
        engine = create_engine(url, poolclass=NullPool, connect_args=options)
        connection = engine.connect()
    with connection:
        if is_postgres:
            connection = connection.execution_options(postgresql_readonly=True)
        yield connection
        connection.rollback()


def _asked(connection: Connection, url: URL, question: str) -> CursorResult[Any]:
    if url.get_backend_name() == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only = ON")
    # As it is: a % or a colon in it is no parameter. The server hands the rows out piece by piece.
    return connection.exec_driver_sql(
        question, execution_options={"stream_results": True, "no_parameters": True}
    )


def _sheet(names: Sequence[str], file: str) -> Sheet:
    return Sheet(file, "database", "", ("",), lambda _: iter([(1, list(names))]))


def _fitting(names: list[str], known: Sequence[Profile], file: str, source: str) -> Fit:
    spellings = [spelled(name) for name in names]
    twice = sorted({n for n, s in zip(names, spellings, strict=True) if spellings.count(s) > 1})
    if twice:
        raise InputError(
            f"{source}: the query returns {', '.join(twice)} twice; name each column once, with AS"
        )
    fit = fits(_sheet(names, file), [p for p in known if not p.header])
    if fit is None:
        raise InputError(
            f"{source}: no profile knows the query's columns {', '.join(names)}; name them with AS "
            "as one has them (canonical: interval_start, queue, offered), or write a profile"
        )
    return fit


def _without_persons(fit: Fit) -> list[int]:
    """Return the places of the columns that the profile knows and that hold no person."""
    profile = fit.profile
    shown = {fit.column(names) for names in used(profile)}
    shown |= {fit.column([name]) for name in profile.known}
    persons = {fit.column([name]) for name in profile.private}
    for field in ("agent", "caller"):
        if field in profile.columns:
            persons |= {fit.column([name]) for name in profile.columns[field].column or []}
    return sorted(i for i in shown - persons if i is not None)
