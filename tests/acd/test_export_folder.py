"""Which files of a folder are read, and that none of them is touched."""

import hashlib
from pathlib import Path

import pytest

from forecast.acd.ingest import export_files, ingest
from forecast.errors import InputError

GOOD = "interval_start,queue,interval_minutes,offered\n2003-03-03 09:00,sales,30,4\n"
OTHER_DAY = GOOD.replace("03-03 ", "03-04 ")
BAD = GOOD + "2003-03-03 09:30,sales,30,-4\n"


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere is no folder; create it") as caught:
        export_files(tmp_path / "nowhere")
    assert caught.value.exit_code == 4


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "acd").write_text("not a folder")
    with pytest.raises(InputError, match="is no folder"):
        export_files(tmp_path / "acd")


def test_an_empty_folder_says_how_to_start(drop):
    with pytest.raises(InputError, match=r"holds no export.*sample\.enabled: true"):
        export_files(drop())


def test_a_folder_with_only_git_files_is_empty(drop):
    folder = drop()
    (folder / ".gitkeep").touch()
    (folder / "README.md").write_text("Put exports here.")
    with pytest.raises(InputError, match="holds no export"):
        export_files(folder)


def test_git_files_beside_an_export_are_no_exports(drop):
    folder = drop(march=GOOD)
    (folder / ".gitkeep").touch()
    assert export_files(folder) == [folder / "march.csv"]


def test_files_that_are_no_tables_are_refused_all_together(drop, strict):
    folder = drop(march=GOOD)
    (folder / "april.xlsx").write_bytes(b"PK\x03\x04 cut off")
    (folder / "more").mkdir()
    (folder / "more" / "may.xls").write_bytes(b"<html><table></table></html>")
    (folder / "june.csv").write_bytes(b"%PDF-1.7")
    with pytest.raises(InputError) as caught:
        ingest(folder, strict)
    message = str(caught.value)
    assert "april.xlsx: the zip or workbook is cut off or damaged" in message
    assert "more/may.xls: a web page or XML, whatever its name says" in message
    assert "june.csv: a PDF" in message
    assert "march.csv" not in message


def test_files_are_read_in_the_order_of_their_names_also_below_folders(drop):
    folder = drop(b=GOOD, a=GOOD)
    (folder / "2003").mkdir()
    (folder / "2003" / "MARCH.CSV").write_text(OTHER_DAY)
    names = [path.relative_to(folder).as_posix() for path in export_files(folder)]
    assert names == ["2003/MARCH.CSV", "a.csv", "b.csv"]


def test_the_ledger_names_files_by_their_path_below_the_folder(drop, strict):
    folder = drop(march=GOOD)
    (folder / "2003").mkdir()
    (folder / "2003" / "april.csv").write_text(OTHER_DAY)
    ledger = ingest(folder, strict).ledger
    assert ledger["file"].tolist() == ["2003/april.csv", "march.csv"]


def test_the_ledger_keeps_the_hash_of_the_bytes(drop, strict):
    folder = drop(march=GOOD)
    ledger = ingest(folder, strict).ledger
    assert ledger["sha256"].tolist() == [hashlib.sha256(GOOD.encode()).hexdigest()]


def test_exports_are_never_changed(drop, strict, lenient):
    folder = drop(good=GOOD, bad=BAD.replace("\n", "\r\n"))
    before = fingerprint(folder)
    ingest(folder, lenient)
    with pytest.raises(InputError):
        ingest(folder, strict)
    assert fingerprint(folder) == before


def test_twice_the_same_folder_gives_the_same_tables(drop, lenient):
    folder = drop(good=GOOD, bad=BAD)
    first, second = ingest(folder, lenient), ingest(folder, lenient)
    assert first.history.equals(second.history)
    assert first.ledger.equals(second.ledger)
    assert first.quarantine.equals(second.quarantine)
