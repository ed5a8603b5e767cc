"""With a cache only what is new is read, and nothing else changes: not by a byte."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from forecast.acd import ingest as module
from forecast.acd.ingest import Ingested, Sources, take_in
from forecast.params import IngestParams
from forecast.schema import FINDINGS, HISTORY, LEDGER, QUARANTINE
from forecast.store import write_table
from tests.acd.bad_exports import (
    CALLS_PROFILE,
    CASES,
    PLAIN,
    WITH_PERSONS,
    book,
    call_log,
    grid,
    persons,
    zipped,
)
from tests.acd.exports import ZONE, csv_of, good, lines_of, text_of

PARAMS = IngestParams(timezone=ZONE)
DAYS = {d: good(first=f"2024-05-{d}", days=1) for d in range(13, 19)}
TABLES = {"history": HISTORY, "ledger": LEDGER, "quarantine": QUARANTINE, "findings": FINDINGS}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six files: two good, a correction, one with bad rows, one rejected, a workbook and a zip."""
    root = tmp_path / "acd"
    root.mkdir()
    for name, data in contents().items():
        (root / name).write_bytes(data)
    return root


def contents() -> dict[str, bytes]:
    corrected = DAYS[14]
    bad = lines_of(DAYS[15])
    bad[3] = bad[3].replace(",30,", ",x,")
    bad[5] += ",more"
    return {
        "a.csv": csv_of([*DAYS[13], *DAYS[14]]),
        "b.csv": csv_of(corrected).replace(b",30,2", b",30,3"),
        "c.csv": text_of(bad).encode(),
        "d.csv": b"nothing that anybody knows\n",
        "e.xlsx": book(
            ("Report", grid(DAYS[16])), ("Notes", lambda made, sheet: sheet.write(0, 0, "x"))
        ),
        "f.zip": zipped([("x.csv", csv_of(DAYS[17])), ("y.csv", csv_of(DAYS[18]))]),
        "g.csv": text_of(["Total,,,,,", *lines_of(DAYS[13]), "", ",Total,,5,5,5"]).encode(),
        "header.csv": (lines_of([])[0] + "\n").encode(),
    }


@pytest.fixture
def counted(monkeypatch) -> list[str]:
    """Names of the files that are read, as they are read."""
    seen: list[str] = []
    real = module.take

    def take(drop, *others, **more):
        seen.append(drop.name)
        return real(drop, *others, **more)

    monkeypatch.setattr(module, "take", take)
    return seen


def bytes_of(out: Ingested, at: Path) -> dict[str, bytes]:
    at.mkdir(exist_ok=True)
    found = {}
    for name, table in TABLES.items():
        write_table(getattr(out, name), table, at / f"{name}.parquet")
        found[name] = (at / f"{name}.parquet").read_bytes()
    for name in set(Ingested.__dataclass_fields__) - set(TABLES):
        found[name] = getattr(out, name).to_csv().encode()
    return found


def cached(folder: Path, cache: Path | None, **more: object) -> Ingested:
    return take_in(folder, PARAMS, Sources(cache=cache, **more))


def test_a_second_run_reads_nothing(folder, tmp_path, counted):
    first = cached(folder, tmp_path / "cache")
    assert sorted(counted) == sorted(contents())
    counted.clear()
    second = cached(folder, tmp_path / "cache")
    assert counted == []
    assert bytes_of(first, tmp_path / "1") == bytes_of(second, tmp_path / "2")


def test_a_new_file_is_read_alone(folder, tmp_path, counted):
    cached(folder, tmp_path / "cache")
    counted.clear()
    (folder / "new.csv").write_bytes(csv_of(good(first="2024-05-20", days=1)))
    out = cached(folder, tmp_path / "cache")
    assert counted == ["new.csv"]
    assert bytes_of(out, tmp_path / "1") == bytes_of(cached(folder, None), tmp_path / "2")


def test_a_changed_file_is_read_again(folder, tmp_path, counted):
    cached(folder, tmp_path / "cache")
    counted.clear()
    data = (folder / "a.csv").read_bytes()
    (folder / "a.csv").write_bytes(data.replace(b"service", b"support"))
    out = cached(folder, tmp_path / "cache")
    assert counted == ["a.csv"]
    assert bytes_of(out, tmp_path / "1") == bytes_of(cached(folder, None), tmp_path / "2")


def test_a_change_of_the_same_size_and_time_is_seen(folder, tmp_path, counted):
    cached(folder, tmp_path / "cache")
    counted.clear()
    before = (folder / "a.csv").stat()
    data = (folder / "a.csv").read_bytes()
    (folder / "a.csv").write_bytes(data.replace(b"service", b"support"))
    os.utime(folder / "a.csv", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (folder / "a.csv").stat().st_size == before.st_size
    cached(folder, tmp_path / "cache")
    assert counted == ["a.csv"]


def test_a_file_put_in_the_place_of_another_is_seen(folder, tmp_path, counted):
    cached(folder, tmp_path / "cache")
    counted.clear()
    other = folder / "other"
    other.write_bytes((folder / "a.csv").read_bytes().replace(b"service", b"support"))
    before = (folder / "a.csv").stat()
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(folder / "a.csv")
    cached(folder, tmp_path / "cache")
    assert counted == ["a.csv"]


def test_a_removed_file_leaves_nothing_behind(folder, tmp_path):
    cached(folder, tmp_path / "cache")
    before = sorted(p.name for p in (tmp_path / "cache").iterdir())
    (folder / "a.csv").unlink()
    out = cached(folder, tmp_path / "cache")
    assert "a.csv" not in set(out.ledger["file"])
    assert len(before) - len(list((tmp_path / "cache").iterdir())) == 1
    assert bytes_of(out, tmp_path / "1") == bytes_of(cached(folder, None), tmp_path / "2")


def test_a_file_that_moves_is_itself(folder, tmp_path):
    cached(folder, tmp_path / "cache")
    (folder / "a.csv").rename(folder / "z.csv")
    out = cached(folder, tmp_path / "cache")
    assert bytes_of(out, tmp_path / "1") == bytes_of(cached(folder, None), tmp_path / "2")


def test_other_settings_read_all_again(folder, tmp_path, counted):
    cached(folder, tmp_path / "cache")
    counted.clear()
    other = IngestParams(timezone="Europe/Berlin")
    out = take_in(folder, other, Sources(cache=tmp_path / "cache"))
    assert sorted(counted) == sorted(contents())
    plain = take_in(folder, other)
    assert bytes_of(out, tmp_path / "1") == bytes_of(plain, tmp_path / "2")


def test_another_profile_reads_all_again(folder, tmp_path, counted):
    own = tmp_path / "profiles"
    own.mkdir()
    cached(folder, tmp_path / "cache", own_profiles=own)
    counted.clear()
    (own / "ours.yaml").write_text(CALLS_PROFILE, encoding="utf-8")
    cached(folder, tmp_path / "cache", own_profiles=own)
    assert sorted(counted) == sorted(contents())


@pytest.mark.parametrize("seed", range(6))
def test_the_order_in_which_files_come_changes_nothing(tmp_path, seed):
    """Files are dropped one by one, with a run after each; the end is as if all had been there."""
    names = list(contents())
    order = np.random.default_rng(seed).permutation(len(names))
    root = tmp_path / "acd"
    root.mkdir()
    for i in order:
        (root / names[i]).write_bytes(contents()[names[i]])
        step = cached(root, tmp_path / "cache")
    whole = cached(root, None)
    assert bytes_of(step, tmp_path / "1") == bytes_of(whole, tmp_path / "2")


@pytest.mark.parametrize("kept", [(), ("a.csv",), ("a.csv", "e.xlsx"), ("c.csv", "d.csv", "f.zip")])
def test_a_part_of_the_cache_is_as_good_as_all(folder, tmp_path, kept):
    part = tmp_path / "part"
    part.mkdir()
    for name in kept:
        shutil.copy2(folder / name, part / name)
    whole = bytes_of(cached(folder, None), tmp_path / "0")
    cache = tmp_path / "cache"
    cached(folder, cache)
    for at in list(cache.iterdir())[len(kept) :]:
        shutil.rmtree(at)
    assert bytes_of(cached(folder, cache), tmp_path / "1") == whole


def entries(cache: Path) -> list[Path]:
    return sorted(p for p in cache.rglob("*") if p.is_file())


def harms() -> dict[str, object]:
    def middle(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(bytes(data))

    def half(path: Path) -> None:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return {
        "cut": half,
        "emptied": lambda path: path.write_bytes(b""),
        "removed": lambda path: path.unlink(),
        "rubbish": lambda path: path.write_bytes(b"\x00\xff rubbish"),
        "a changed byte": middle,
    }


def damages() -> list[object]:
    return [
        pytest.param(harm, kind)
        for harm in harms()
        for kind in ("sheets.json", "rows.parquet", "quarantine.parquet")
    ]


@pytest.mark.parametrize(("harm", "kind"), damages())
def test_a_damaged_entry_is_read_again(folder, tmp_path, harm, kind):
    cache = tmp_path / "cache"
    whole = bytes_of(cached(folder, cache), tmp_path / "1")
    for path in entries(cache):
        if path.name.endswith(kind):
            harms()[harm](path)
    assert bytes_of(cached(folder, cache), tmp_path / "2") == whole
    assert bytes_of(cached(folder, cache), tmp_path / "3") == whole


def test_every_changed_byte_of_an_entry_is_noticed(tmp_path):
    root, cache = tmp_path / "acd", tmp_path / "cache"
    root.mkdir()
    (root / "a.csv").write_bytes(PLAIN.encode())
    whole = bytes_of(cached(root, cache), tmp_path / "1")
    path = next(p for p in entries(cache) if p.name.endswith("rows.parquet"))
    for at in range(8, path.stat().st_size - 8, max(path.stat().st_size // 40, 1)):
        data = bytearray(path.read_bytes())
        data[at] ^= 0x04
        path.write_bytes(bytes(data))
        again = bytes_of(cached(root, cache), tmp_path / "2")
        assert again == whole, f"byte {at} of {path.name}"
        path = next(p for p in entries(cache) if p.name.endswith("rows.parquet"))


def test_rows_of_another_file_in_its_entry_are_noticed(folder, tmp_path):
    """Two entries whose tables were exchanged, as a copy of a cache that went wrong would."""
    cache = tmp_path / "cache"
    whole = bytes_of(cached(folder, cache), tmp_path / "1")
    tables = [p for p in entries(cache) if p.name == "0.rows.parquet"]
    one, two = tables[0].read_bytes(), tables[1].read_bytes()
    tables[0].write_bytes(two)
    tables[1].write_bytes(one)
    assert bytes_of(cached(folder, cache), tmp_path / "2") == whole


def test_an_entry_of_another_version_is_read_again(folder, tmp_path):
    cache = tmp_path / "cache"
    whole = bytes_of(cached(folder, cache), tmp_path / "1")
    for path in cache.rglob("sheets.json"):
        kept = json.loads(path.read_text(encoding="utf-8"))
        for sheet in kept["sheets"]:
            sheet["a_field_of_tomorrow"] = 1
        path.write_text(json.dumps(kept), encoding="utf-8")
    assert bytes_of(cached(folder, cache), tmp_path / "2") == whole


def test_a_file_that_changes_while_it_is_read_is_not_kept(folder, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    real = Path.read_bytes

    def read(path: Path) -> bytes:
        data = real(path)
        if path.name == "a.csv":
            with path.open("ab") as stream:
                stream.write(b"2024-05-13 20:00,late,30,3,3,3\n")
        return data

    monkeypatch.setattr(Path, "read_bytes", read)
    out = cached(folder, cache)
    assert "changed" in out.ledger.set_index("file").loc["a.csv", "rejected"]
    monkeypatch.undo()
    again = cached(folder, cache)
    assert again.ledger.set_index("file").loc["a.csv", "rejected"] == ""
    assert bytes_of(again, tmp_path / "1") == bytes_of(cached(folder, None), tmp_path / "2")


def test_a_file_that_goes_after_it_was_read_does_no_harm(tmp_path, monkeypatch):
    """Rows that contradict each other are shown with their texts: the file is read again."""
    root = tmp_path / "acd"
    root.mkdir()
    lines = lines_of(DAYS[13])
    (root / "a.csv").write_bytes(text_of([*lines, lines[3].replace(",30,", ",30,9")]).encode())
    (root / "b.csv").write_bytes(csv_of(DAYS[14]))
    real = module.take

    def take(drop, *others, **more):
        out = real(drop, *others, **more)
        (root / "a.csv").unlink(missing_ok=True)
        return out

    monkeypatch.setattr(module, "take", take)
    out = cached(root, None)
    assert len(out.quarantine) == 2


def test_a_file_that_changes_after_it_was_read_does_not_lend_its_text(tmp_path, monkeypatch):
    """The lines of the second reading are other rows."""
    root = tmp_path / "acd"
    root.mkdir()
    lines = lines_of(DAYS[13])
    bad = lines[3].replace(",30,", ",30,9")
    (root / "a.csv").write_bytes(text_of([*lines, bad]).encode())
    real = module.take

    def take(drop, *others, **more):
        out = real(drop, *others, **more)
        (root / "a.csv").write_bytes(text_of([lines[0], *lines[:0:-1], bad]).encode())
        return out

    monkeypatch.setattr(module, "take", take)
    out = cached(root, None)
    shown = set(out.quarantine["text"])
    assert shown <= {lines[3], bad, ""}


def test_no_person_is_in_any_file_of_the_cache(tmp_path):
    root, own, cache = tmp_path / "acd", tmp_path / "profiles", tmp_path / "cache"
    root.mkdir()
    own.mkdir()
    (own / "ours.yaml").write_text(CALLS_PROFILE, encoding="utf-8")
    rows = lines_of(DAYS[13], persons, WITH_PERSONS)
    rows[4] = rows[4].replace(",30,", ",x,")
    rows[6] += ",more"
    (root / "a.csv").write_bytes(text_of(rows).encode())
    calls = call_log(bad=True).files["calls.csv"].replace(b"sales", b"support")
    (root / "calls.csv").write_bytes(calls)
    for name in ("persons_in_a_row_too_short", "persons_in_a_swallowed_cell"):
        (root / f"{name}.csv").write_bytes(CASES[name]().files["calls.csv"])
    cached(root, cache, own_profiles=own, caller_key="secret")
    for path in entries(cache):
        data = path.read_bytes()
        for word in ("Jane Doe", "+49 30 901820", "secret"):
            assert word.encode() not in data, path.name
            assert word.encode("utf-16-le") not in data, path.name


def test_the_cache_may_lie_below_a_folder_that_is_not_there(folder, tmp_path):
    cached(folder, tmp_path / "not" / "there" / "cache")
    assert entries(tmp_path / "not" / "there" / "cache")


def test_a_folder_of_somebody_else_is_left_alone(folder, tmp_path):
    cache = tmp_path / "cache"
    (cache / "mine").mkdir(parents=True)
    (cache / "mine" / "notes.txt").write_text("keep", encoding="utf-8")
    (cache / "file.txt").write_text("keep", encoding="utf-8")
    cached(folder, cache)
    (folder / "a.csv").unlink()
    cached(folder, cache)
    assert (cache / "mine" / "notes.txt").is_file()
    assert (cache / "file.txt").is_file()
