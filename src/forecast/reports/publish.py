"""A finished report set -> a published one: copied whole, and the pointer ``latest`` moves last."""

import shutil
from pathlib import Path

from forecast.store import read_json, replacing_folder, sha256

LATEST = "latest"


def publish(report: Path, published: Path) -> Path:
    """Return the folder of a report set in ``published``, copied there unless it was before.

    A plan whose page has changed since (its words, its figures) is published again.

    The set is copied beside and renamed, then the link ``latest`` is replaced in one step: whoever
    reads through it sees the old set or the new one, whole.
    """
    plan_id = str(read_json(report / "plan.json")["plan_id"])
    published.mkdir(parents=True, exist_ok=True)
    target = published / plan_id
    if not target.exists() or not _same(report, target):
        with replacing_folder(target, "plan.json") as copy:
            shutil.copytree(report, copy, dirs_exist_ok=True)
    link = published / f".{LATEST}-{plan_id}"
    link.unlink(missing_ok=True)
    link.symlink_to(plan_id, target_is_directory=True)
    link.replace(published / LATEST)
    return target


def _same(report: Path, published: Path) -> bool:
    page = "plan.html"
    return (published / page).is_file() and sha256(report / page) == sha256(published / page)
