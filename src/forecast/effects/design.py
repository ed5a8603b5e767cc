"""The cells of a history and the events that reach them, with all that hangs on no scale."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.effects.kernel import MIN_YEAR_DAYS, alike, usual_covariance, usual_parts
from forecast.effects.positions import DURING, Ints, Pairs, pairs_of

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
SHARED = ("pool", "kind", "event_id")
"""What two events may have in common, from the loosest tie to the closest: being one event."""
OWN = SHARED[-1]
WORKED = "worked holiday"
PARTS: Mapping[str, tuple[str, ...]] = {"event": ("event",), "holiday": ("holiday", WORKED)}
"""Parts whose scales are learned apart, by pool: how quiet an open queue is on a holiday says
nothing of how busy the days beside one are."""
EXPECTED_SD: Mapping[str, float] = {
    "noise": 0.06,
    "level": 0.35,
    "spell": 0.1,
    "mood": 0.08,
    "month day": 0.03,
    "month left": 0.03,
    "year": 0.15,
    "event pool": 0.15,
    "event kind": 0.4,
    "event event_id": 0.1,
    "event strength": 0.2,
    "holiday pool": 0.1,
    "holiday kind": 0.2,
    "holiday event_id": 0.07,
    "holiday strength": 0.2,
    "worked holiday pool": 0.1,
    "worked holiday kind": 0.2,
    "worked holiday event_id": 0.07,
    "worked holiday strength": 0.2,
}
"""What each part's standard deviation is taken for before any history is seen, on the log scale: a
kind never seen before is given these."""


@dataclass(frozen=True)
class Design:
    """Cells (as ``cells_of`` frames them) and the EVENTS of one series."""

    frame: pd.DataFrame
    events: pd.DataFrame

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.frame)

    @cached_property
    def pairs(self) -> Pairs:
        """Which events reach which cells."""
        return pairs_of(self.frame, self.events)

    @cached_property
    def intensity(self) -> Floats:
        """Intensity of each pair's event."""
        return np.asarray(self.events["intensity"].to_numpy(dtype="float64")[self.pairs.event])

    @cached_property
    def fixed(self) -> Floats:
        """Covariance of the usual levels as far as its scale is given."""
        return usual_covariance(self.frame, self.frame)

    @cached_property
    def usual(self) -> dict[str, Floats]:
        """The parts of the usual levels' covariance whose scale is learned."""
        return usual_parts(self.frame, self.frame, years=self.years)

    @cached_property
    def years(self) -> bool:
        """Whether the history is long enough to tell a season of the year."""
        date = self.frame["date"]
        return bool(len(date)) and (date.max() - date.min()).days >= MIN_YEAR_DAYS

    @cached_property
    def ties(self) -> "Ties":
        """What the pairs have in common among each other."""
        return Ties.between(self, self)

    def by_cell(self, matrix: Floats) -> Floats:
        """Return a matrix over pairs as one over cells: the sum over the events of each cell."""
        return self.to_cells(self.to_cells(matrix).T).T

    def to_cells(self, matrix: Floats) -> Floats:
        """Return a matrix whose columns are pairs as one whose columns are cells."""
        out = np.zeros((len(matrix), len(self)))
        if len(self.pairs):
            cells, first = np.unique(self.pairs.cell, return_index=True)
            out[:, cells] = np.add.reduceat(matrix, first, 1)
        return out


@dataclass(frozen=True)
class Ties:
    """How alike the places of two sets of pairs are, and which pairs share a pool, kind or event.

    ``shared`` holds flags by the name of the part, as in ``EXPECTED_SD``.
    """

    alike: Floats
    shared: Mapping[str, Flags]

    @classmethod
    def between(cls, one: Design, two: Design) -> "Ties":
        """Return the ties between the pairs of two designs."""
        shared: dict[str, Flags] = {}
        for pool in sorted(set(one.events["pool"]) & set(two.events["pool"])):
            for part in PARTS[pool]:
                inside = np.logical_and.outer(_parts(one) == part, _parts(two) == part)
                for tie in SHARED:
                    shared[f"{part} {tie}"] = inside & _same(tie, one, two)
        return cls(alike(one.pairs, two.pairs), shared)

    def of_kinds(self, scales: Mapping[str, float]) -> Floats:
        """Return the covariance of what the pairs' kinds do."""
        size = np.zeros_like(self.alike)
        for name, flags in self.shared.items():
            if not name.endswith(OWN):
                size += scales[name] ** 2 * flags
        return self.alike * size

    def own(self, scales: Mapping[str, float], one: Floats, two: Floats) -> Floats:
        """Return the covariance of how events differ from their kind.

        An event is stronger or weaker than its kind throughout (``one`` and ``two`` are what the
        kinds do at the pairs), and differs from it freely beside.
        """
        out = np.zeros_like(self.alike)
        for name, at in self._one_event.items():
            free, strength = scales[name] ** 2, scales[_strength(name)] ** 2
            out[at] += free * self.alike[at] + strength * one[at[0]] * two[at[1]]
        return out

    def parts(self, kinds: Floats) -> Iterator[tuple[str, Floats]]:
        """Yield each part's name and its covariance at scale 1, within one set of pairs."""
        for name, flags in self.shared.items():
            if not name.endswith(OWN):
                yield name, self.alike * flags
        for name, at in self._one_event.items():
            for part, values in (
                (name, self.alike[at]),
                (_strength(name), kinds[at[0]] * kinds[at[1]]),
            ):
                out = np.zeros_like(self.alike)
                out[at] = values
                yield part, out

    @cached_property
    def _one_event(self) -> dict[str, tuple[Ints, Ints]]:
        """Where the pairs are of one event: few of all, where there are many events."""
        out: dict[str, tuple[Ints, Ints]] = {}
        for name, flags in self.shared.items():
            if name.endswith(OWN):
                rows, columns = np.nonzero(flags)
                out[name] = rows, columns
        return out


def _strength(own: str) -> str:
    """Return the name of the part by which an event is stronger or weaker than its kind."""
    return own.replace(OWN, "strength")


def _parts(design: Design) -> npt.NDArray[np.object_]:
    """Return the part, of ``PARTS``, that each pair belongs to."""
    pool = design.events["pool"].to_numpy(object)[design.pairs.event]
    return np.where((pool == "holiday") & (design.pairs.phase == DURING), WORKED, pool)


def _same(tie: str, one: Design, two: Design) -> Flags:
    names = np.concatenate([one.events[tie].to_numpy(object), two.events[tie].to_numpy(object)])
    code = pd.factorize(names)[0]
    mine = code[: len(one.events)][one.pairs.event]
    other = code[len(one.events) :][two.pairs.event]
    return np.asarray(mine[:, None] == other[None, :])
