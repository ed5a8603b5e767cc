"""Copy of the last week: the same weekday and time, the last time that it was reported."""

import pandas as pd

from forecast.models.base import NoOptions
from forecast.models.profile import weekday_slot_mean
from forecast.models.same_weekday_mean import SameWeekday


class Model(SameWeekday):
    """The mean of the last *one* same weekday; a day that was closed is passed over."""

    Options = NoOptions

    def _fit(self, known: pd.DataFrame, last_date: pd.Timestamp) -> None:
        self._profile = weekday_slot_mean(known, last_days=1)
