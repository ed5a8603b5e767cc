"""What is forecast: contacts offered, and how long each takes. Models see both as counts.

An average over n contacts varies by chance like a count of n / cv^2 arrivals, cv being the handle
times' coefficient of variation: relative variance cv^2 / n. In that unit a handle time is a count
per contact as a volume is a count per minute, and one set of models and one calibration serve both.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import nnls

OFFERED, AHT = "offered", "aht_s"
TARGETS = (OFFERED, AHT)
CV2_RANGE = (0.2, 4.0)
"""Squared coefficient of variation of single handle times: measured ones lie between."""
USUAL_CV2 = 1.0
MIN_INTERVALS = 50
"""Fewer intervals cannot tell what is chance."""
TRIMMED = 0.995


@dataclass(frozen=True)
class Grain:
    """Mean handle time in seconds, and the squared coefficient of variation of single contacts."""

    mean_s: float
    cv2: float

    @classmethod
    def of(cls, known: pd.DataFrame) -> "Grain":
        """Return the grain of handle times in FEATURES rows of one series.

        The squared relative distance of an interval's average from that of its weekday and time is
        regressed on one over its contacts: the slope is cv^2, the constant what is not chance.
        Raises ZeroDivisionError for rows without any handled contact.

        References
        ----------
        Lawson & Hanson (1974), Solving least squares problems, chapter 23 (no negative part).
        """
        rows = known[(known["handled"] > 0) & (known["aht_s"] > 0)]
        seconds, count = rows["aht_s"] * rows["handled"], rows["handled"]
        mean_s = float(seconds.sum()) / float(count.sum())
        if len(rows) < MIN_INTERVALS:
            return cls(mean_s, USUAL_CV2)
        by = [rows["weekday"], rows["slot_min"]]
        usual = seconds.groupby(by).transform("sum") / count.groupby(by).transform("sum")
        # Trimmed as chance goes: else all that is far off stands where contacts are few.
        squared = np.asarray((rows["aht_s"] / usual - 1) ** 2 * count, dtype="float64")
        squared = np.minimum(squared, np.quantile(squared, TRIMMED)) / count.to_numpy()
        weight = np.sqrt(count.to_numpy(dtype="float64"))
        design = np.column_stack([weight, 1 / weight])
        found, _ = nnls(design, weight * squared)
        return cls(mean_s, float(np.clip(found[1], *CV2_RANGE)))

    @property
    def unit_s(self) -> float:
        """Seconds that one random arrival is worth in the average of a single contact."""
        return self.mean_s * self.cv2


def as_counts(features: pd.DataFrame, grain: Grain) -> pd.DataFrame:
    """Return FEATURES whose count is handle time in units of chance, and whose minutes contacts.

    A rate of 1 is then the mean handle time. Intervals that nobody was handled in are closed if
    their count is known, and have one contact where it is asked for.
    """
    known = (features["handled"] > 0) & (features["aht_s"] > 0)
    contacts = features["handled"].where(known, 1.0) / grain.cv2
    y = features["aht_s"] / grain.mean_s * contacts
    return features.assign(y=y.where(known), open_min=contacts.where(features["open_min"] > 0, 0.0))
