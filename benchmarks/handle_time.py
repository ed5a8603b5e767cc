"""Peers' forecasts of handle time: each gets it as counts over contacts."""

from pathlib import Path

import pandas as pd
from centres import Centre
from peers.run import INPUTS, Task, work

from forecast.features import known_at
from forecast.origins import ahead_of
from forecast.schema import FORECAST, QUANTILES, by_series
from forecast.targets import Grain, as_counts

NAMES = ("seasonal naive", "mean of the last 6 same weekdays", "LightGBM by the book")
HORIZONS = {"1_day": 1, "1_week": 7, "2_weeks": 14}


def peer_handle_times(centre: Centre, champion: pd.DataFrame, cache: Path) -> pd.DataFrame:
    """Return peers' FORECAST rows of handle time, of the intervals that the champion forecast."""
    parts = []
    for key, own in by_series(centre.features):
        asked = champion[champion["queue"] == key[1]]
        for cutoff, rows in asked.groupby("cutoff"):
            known = known_at(own, pd.Timestamp(str(cutoff)))
            train = known[known["ds"] < cutoff]
            grain = Grain.of(train)
            ahead = ahead_of(known, pd.Timestamp(str(cutoff)), {"all": 28})
            # What is asked for is the average of as many contacts as came.
            ahead = ahead.assign(handled=ahead["ds"].map(rows.set_index("ds")["weight"]))
            contacts = ahead["handled"].fillna(1.0) / grain.cv2
            ahead = ahead.assign(open_min=contacts.where(ahead["open_min"] > 0, 0.0))
            given = as_counts(train, grain)[INPUTS], ahead[INPUTS]
            task = Task(key, pd.Timestamp(str(cutoff)), *given, NAMES, centre.params.seed)
            made = work(task, cache).merge(
                rows.drop(columns=["model", "mean", "open_min", *QUANTILES]), on="ds"
            )
            per = grain.mean_s / made["open_min"]
            for column in ("mean", *QUANTILES):
                made[column] = made[column] * per
            parts.append(made[[c for c in FORECAST.names if c in made]])
    return pd.concat(parts, ignore_index=True)
