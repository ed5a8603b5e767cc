"""A small what-if within the page: sliders over GRID, which work with no server."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from forecast.reports.plan.material import Material
from forecast.reports.words import Words
from forecast.scenarios.grid import AXES, VALUES

PLACES = {"fte": 1, "cost": 0, "peak_agents": 0, "service_level": 1, "occupancy": 1}
SHARES = ("service_level", "occupancy")
"""Shown as percent."""


def sliders(m: Material, words: Words) -> dict[str, Any]:
    """Return the axes with their ends and steps, the values shown, and the grid as JSON.

    Between the points of the grid the page goes along straight lines, axis by axis, as
    ``scenarios.grid.between`` does.
    """
    table = m.grid.sort_values(list(AXES))
    rest = dict.fromkeys(AXES, 0.0) | {
        "service_level_target": m.params.capacity.service_level_target
    }
    points = {name: sorted(float(v) for v in table[name].unique()) for name in AXES}
    data = {
        "language": words.text("page.lang"),
        "axes": [{"name": name, "at": points[name], "rest": rest[name]} for name in AXES],
        "values": {name: [round(float(v), 4) for v in table[name].fillna(0)] for name in VALUES},
        "places": PLACES,
        "shares": list(SHARES),
    }
    asked = [name for name in AXES if len(points[name]) > 1]
    return {
        "axes": [
            {
                "name": name,
                "low": points[name][0],
                "high": points[name][-1],
                "rest": rest[name],
                "step": 0.01 if name == "service_level_target" else 1,
            }
            for name in asked
        ],
        "shown": list(VALUES),
        # "<" would end the block: what is data must stay data.
        "data": Markup(json.dumps(data).replace("<", "\\u003c")),  # noqa: S704 - numbers alone
        "script": Markup(script()),  # noqa: S704 - our own file
    }


def script() -> str:
    """Return the page's script."""
    return files("forecast.reports").joinpath("templates/plan/sliders.js").read_text("utf-8")


def script_hash() -> str:
    """Return the hash by which the page allows its script, and no other."""
    return base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
