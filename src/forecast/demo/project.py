"""The invented centre as a project folder: exports, calendars, settings."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from forecast.demo.exports import write_exports
from forecast.demo.shipped import PARAMS_FILE, shipped
from forecast.errors import InputError
from forecast.params import Params
from forecast.store import read_json, write_csv, write_json, write_text
from forecast.synthetic.commerce import Commerce, make_commerce
from forecast.synthetic.commerce_spec import CommerceSpec
from forecast.synthetic.sales import ANNOUNCED_DAYS, DAY

MARK = "demo.json"
"""Its seed and spec: what the truth is made from again, and what marks the folder as a demo's."""
SEED = 11
EVENTS = ["event_id", "name", "kind", "start", "end", "queues", "intensity", "announced_on"]


@dataclass(frozen=True)
class Written:
    """What was written: rows of exports, sales, and the local day on which the history ends."""

    rows: int
    sales: int
    cutoff: pd.Timestamp


def write_project(folder: Path, spec: CommerceSpec | None = None, *, seed: int = SEED) -> Written:
    """Write an invented centre as a project folder that the pipeline runs in.

    Parameters
    ----------
    folder
        New or empty, or a demo's from before; nothing else is written over.
    spec
        What the centre is like; None: the three years of the defaults.
    seed
        Source of all chance.

    Raises
    ------
    InputError
        When the folder holds something else than a demonstration.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise InputError(
            f"{folder} holds files and is no demonstration ({MARK} is not in it); nothing was "
            "written. Name a new folder"
        )
    spec = spec or CommerceSpec()
    centre = make_commerce(spec, seed=seed)
    write_json({"seed": seed, "spec": spec.model_dump(mode="json")}, folder / MARK)
    rows = write_exports(centre, folder / "data/raw/acd", folder / "data/profiles")
    write_csv(promotions(centre), folder / "data/raw/calendars/promotions.csv")
    write_csv(centre.orders, folder / "data/orders.csv")
    write_csv(centre.people, folder / "data/people.csv")
    if not (folder / PARAMS_FILE).exists():
        write_text(shipped(PARAMS_FILE), folder / PARAMS_FILE)
    Params.load(folder / PARAMS_FILE)
    return Written(rows, len(centre.sales), centre.cutoff)


def promotions(centre: Commerce) -> pd.DataFrame:
    """Return the sales as promotions.csv has them: the sale, and its presale as one of its own."""
    parts = []
    for kind, first, past in (("presale", "presale", "start"), ("sale", "start", "end")):
        own = centre.sales[centre.sales[first] < centre.sales[past]]
        parts.append(
            pd.DataFrame(
                {
                    "event_id": kind + " " + own["sale"],
                    "name": own["sale"] + (" presale" if kind == "presale" else ""),
                    "kind": kind,
                    "start": own[first].dt.strftime("%Y-%m-%d"),
                    "end": (own[past] - DAY).dt.strftime("%Y-%m-%d"),
                    "queues": "all",
                    "intensity": own["intensity"],
                    "announced_on": (own["presale"] - ANNOUNCED_DAYS * DAY).dt.strftime("%Y-%m-%d"),
                }
            )
        )
    return pd.concat(parts).sort_values(["start", "kind"], ignore_index=True)[EVENTS]


def centre_of(folder: Path) -> Commerce:
    """Return the centre that a demonstration's folder was written from, with its truth.

    Raises
    ------
    InputError
        When the folder is no demonstration.
    """
    if not (folder / MARK).is_file():
        raise InputError(f"{folder} is no demonstration: {MARK} is not in it; run forecast demo")
    told = read_json(folder / MARK)
    return make_commerce(CommerceSpec.model_validate(told["spec"]), seed=told["seed"])
