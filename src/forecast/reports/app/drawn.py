"""The what-if page's figure: positions by hour of the day, the plan beside what was asked."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from forecast.reports.app.desk import ASKED, Answer
from forecast.reports.style import BLUE, GREY, style


def by_hour(answer: Answer, words: Mapping[str, str]) -> Figure:
    """Return the mean positions by time of day of both plans, over the days that have the time."""
    local = pd.DatetimeIndex(answer.agents["local"])
    hour = local.hour + local.minute / 60
    mean = answer.agents[["base", ASKED]].groupby(hour).mean()
    with style():
        figure = Figure(figsize=(6.4, 3.2), layout="constrained")
        axes = figure.subplots()
        axes.step(mean.index, mean["base"], where="post", color=GREY, lw=3, label=words["plan"])
        axes.step(mean.index, mean[ASKED], where="post", color=BLUE, lw=1.5, label=words["asked"])
        axes.set(xlabel=words["hour"], ylabel=words["positions"], ylim=(0, None))
        figure.legend(loc="outside upper left", frameon=False, ncols=2)
        return figure
