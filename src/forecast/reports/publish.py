"""A finished report set -> a published one: copied whole, and the pointer ``latest`` moves last."""

import shutil
import tempfile
from pathlib import Path

from forecast.store import read_json

LATEST = "latest"


def publish(report: Path, published: Path) -> Path:
    """Return the folder of a report set in ``published``, copied there unless it was before.

    The set is copied beside and renamed, then the link ``latest`` is replaced in one step: whoever
    reads through it sees the old set or the new one, whole.
    """
    plan_id = str(read_json(report / "plan.json")["plan_id"])
    published.mkdir(parents=True, exist_ok=True)
    target = published / plan_id
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=published, prefix=".new-") as folder:
            copy = Path(folder) / plan_id
            shutil.copytree(report, copy)
            copy.rename(target)
    link = published / f".{LATEST}-{plan_id}"
    link.unlink(missing_ok=True)
    link.symlink_to(plan_id, target_is_directory=True)
    link.replace(published / LATEST)
    return target
