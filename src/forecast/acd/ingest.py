"""A folder of exports -> HISTORY, and the books: rows in = accepted + set aside, always."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from forecast.acd.cache import Cache, setting, signature_of
from forecast.acd.forms.packed import read_drop, shown_name
from forecast.acd.merging.accounts import ledger_of, quarantine_of
from forecast.acd.merging.history import Merged, merged
from forecast.acd.merging.order import latest_last, replaced_by
from forecast.acd.profile import Profile, profiles
from forecast.acd.take import Taken, take, texts_of
from forecast.errors import InputError, listed
from forecast.params import IngestParams
from forecast.schema import FINDINGS

QUEUE_MAP = "queue_map.csv"
"""In the folder of own profiles: queues renamed, merged or split."""
NOBODYS = ("README.md", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Ingested:
    """What a folder of exports becomes."""

    history: pd.DataFrame
    ledger: pd.DataFrame
    quarantine: pd.DataFrame
    findings: pd.DataFrame
    superseded: pd.DataFrame
    """Rows that another row or a later export stands for."""
    self_service: pd.DataFrame
    demand: pd.DataFrame
    """Offered contacts told apart into first attempts and redials, where that can be."""


@dataclass(frozen=True)
class Sources:
    """What is read beside the exports, and where readings are kept; all of it optional."""

    own_profiles: Path | None = None
    cache: Path | None = None
    caller_key: str = ""


def export_files(folder: str | Path) -> list[Path]:
    """Return the files below a folder, in the order of their names.

    Hidden files, DVC's notes and README.md are none.

    Raises
    ------
    InputError
        When the folder is missing or holds no file.
    """
    root = Path(folder)
    if not root.is_dir():
        raise InputError(f"{root} is no folder; create it and put your ACD exports there")
    found = sorted(
        p
        for p in _below(root)
        if not _hidden(p, root) and p.suffix != ".dvc" and p.name not in NOBODYS
    )
    if not found:
        raise InputError(
            f"{root} holds no export; put at least one there, "
            "or set sample.enabled: true in params.yaml to start from the sample"
        )
    return found


def _below(root: Path) -> Iterator[Path]:
    """Yield all files below a folder, behind links to folders too, each folder once."""
    seen = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        yield from (Path(folder) / name for name in files)


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)


def take_in(folder: str | Path, params: IngestParams, sources: Sources = Sources()) -> Ingested:
    """Return what all exports below a folder become; what cannot be read is in the books.

    A file that cannot be read at all is *rejected*: its reason stands in LEDGER. Nothing is raised
    for bad data: see ``check``.

    Raises
    ------
    InputError
        When the folder is missing or holds no file, or a call log and an interval report tell of
        one series.
    ParamsError
        When one of the own profiles is none.
    """
    root = Path(folder)
    known = profiles(sources.own_profiles, params)
    sheets = latest_last(_all_sheets(root, known, params, sources))
    replaced = replaced_by(sheets)
    live = [t for t in sheets if t.file not in replaced]
    queue_map = sources.own_profiles / QUEUE_MAP if sources.own_profiles else None
    made = merged(live, params, queue_map)
    states = {t.name: made.states[t.name] for t in live if t.name in made.states}
    for taken in sheets:
        if taken.file in replaced and len(taken.rows):
            before = taken.rows["state"].astype("str")
            states[taken.name] = before.where(before == "ignored", "superseded")
    aside = [t.quarantine.assign(file=t.name) for t in live]
    return Ingested(
        history=made.history,
        ledger=ledger_of(sheets, states, replaced),
        quarantine=quarantine_of([*aside, *_late_problems(root, live, known, made)]),
        findings=_findings(live, made),
        superseded=made.superseded,
        self_service=made.self_service,
        demand=made.demand,
    )


def ingest(folder: str | Path, params: IngestParams, sources: Sources = Sources()) -> Ingested:
    """Return what ``take_in`` does, or refuse it: for whoever goes on with the history.

    Raises
    ------
    InputError
        When a file is rejected, more of its rows are bad than ``quarantine_share_max`` allows, no
        row could be accepted, or the history has a hole of more than a year.
    """
    out = take_in(folder, params, sources)
    check(out, params, str(folder))
    return out


def _all_sheets(
    root: Path, known: Sequence[Profile], params: IngestParams, sources: Sources
) -> list[Taken]:
    paths = export_files(root)
    if sources.cache is None:
        return [t for path in paths for t in _taken(path, root, known, params, sources)]
    cache = Cache(sources.cache, setting(known, params, sources.caller_key))
    out: list[Taken] = []
    for path in paths:
        kept = cache.get(path, root)
        if kept is None:
            signature = signature_of(path)
            kept = _taken(path, root, known, params, sources)
            cache.put(path, root, kept, signature)
        out += kept
    cache.forget_others(paths, root)
    return out


def _taken(
    path: Path, root: Path, known: Sequence[Profile], params: IngestParams, sources: Sources
) -> list[Taken]:
    try:
        drop = read_drop(path, root)
    except InputError as error:
        name = shown_name(path, root)
        return [Taken(name, "", name, rejected=str(error))]
    return take(drop, known, params, sources.caller_key)


def _late_problems(
    root: Path, live: Sequence[Taken], known: Sequence[Profile], made: Merged
) -> list[pd.DataFrame]:
    """Return the bad rows that only a look at all files shows, with their original text."""
    out = []
    places = {shown_name(path, root): path for path in export_files(root)}
    for taken in live:
        bad = made.problems.get(taken.name)
        if bad is None:
            continue
        texts, start = _texts_again(places.get(taken.file), root, taken, known, bad["line"])
        out.append(
            bad.assign(
                file=taken.name,
                column=bad["column"].replace("start", start or "start"),
                text=[texts.get(line, "") for line in bad["line"].tolist()],
            )
        )
    return out


def _texts_again(
    path: Path | None, root: Path, taken: Taken, known: Sequence[Profile], lines: pd.Series
) -> tuple[dict[int, str], str]:
    """Return the texts of some lines and the column of times; none if the file is another now."""
    try:
        drop = read_drop(path, root) if path else None
    except (InputError, OSError):
        drop = None
    if drop is None or drop.sha256 != taken.sha256:
        return {}, ""
    return texts_of(drop, taken.name, known, set(lines.tolist()))


def _findings(live: Sequence[Taken], made: Merged) -> pd.DataFrame:
    rows = [
        {"kind": kind, "place": t.name, "size": float(size), "text": f"{t.name}: {text}"}
        for t in live
        for kind, (size, text) in t.noticed.items()
    ]
    found = pd.DataFrame(rows, columns=FINDINGS.names)
    every = [part for part in (found, made.findings) if len(part)]
    if not every:
        return FINDINGS.empty()
    return FINDINGS.validate(pd.concat(every, ignore_index=True))


def check(ingested: Ingested, params: IngestParams, where: str) -> None:
    """Refuse what a forecast must not be made from; see ``ingest``."""
    rejected = [why for why in ingested.ledger["rejected"] if why]
    if rejected:
        raise InputError("\n".join(rejected))
    _check_share(ingested, params.quarantine_share_max)
    holes = ingested.findings.loc[ingested.findings["kind"] == "hole", "text"]
    if len(holes):
        raise InputError(
            "the history has holes of more than a year; is a year mistyped? Mend it, or give the "
            f"queue another name after the hole:\n{listed(holes.tolist())}"
        )
    if ingested.history.empty:
        why = (
            "all were set aside, see the reasons with ingest.quarantine_share_max: 0"
            if ingested.ledger["rows_quarantined"].any()
            else "every file has a header but no data"
        )
        raise InputError(f"{where}: no row could be accepted; {why}")


def _check_share(ingested: Ingested, limit: float) -> None:
    ledger = ingested.ledger
    share = ledger["rows_quarantined"] / ledger["rows_in"].clip(lower=1)
    over = ledger.loc[share > limit, "file"]
    if over.empty:
        return
    found = ingested.quarantine[ingested.quarantine["file"].isin(over)]
    lines = [
        f"{row.file}, line {row.line}, column {row.column}: {row.reason}"
        for row in found.itertuples()
    ]
    raise InputError(
        f"{len(lines)} bad cells in the exports; nothing was taken in. Mend them, or raise "
        f"ingest.quarantine_share_max (now {limit:g}) to set such rows aside:\n{listed(lines)}"
    )
