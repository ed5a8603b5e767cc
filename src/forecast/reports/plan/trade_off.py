"""What one agent more or less does, and ten percent: three curves that explain the trade."""

from typing import Any

from matplotlib.figure import Figure

from forecast.reports.plan.axes import canvas, numbers, percents
from forecast.reports.plan.material import Material, traded
from forecast.reports.style import BLUE, GREY, ORANGE, style
from forecast.reports.words import Words


def trade_off(m: Material, words: Words) -> dict[str, Any]:
    """Return the rows with one agent less and more, those with other shares, and the marginals."""
    table = m.trade_off
    plan = traded(table, 1.0)
    near = [traded(table, 1.0, more).to_dict() for more in (-1, 0, 1)]
    return {
        "near": near,
        "shares": table[table["more"] == 0].sort_values("share").to_dict("records"),
        "plan": plan.to_dict(),
        "one_less": {key: near[0][key] - plan[key] for key in ("cost", "service_level")},
        "one_more": {key: near[2][key] - plan[key] for key in ("cost", "service_level")},
    }


def curves(m: Material, words: Words, wide: bool) -> Figure:
    """Return service level, occupancy and cost over FTE, the plan marked."""
    table = m.trade_off[m.trade_off["more"] == 0].sort_values("fte")
    plan, rules = traded(m.trade_off, 1.0), m.params.capacity
    with style():
        figure = canvas(wide, 3.2, 7.4)
        level, busy, cost = figure.subplots(1, 3) if wide else figure.subplots(3, 1)
        for ax, name in ((level, "service_level"), (busy, "occupancy"), (cost, "cost")):
            ax.plot(table["fte"], table[name], color=BLUE, marker="o", markersize=4)
            ax.plot(
                plan["fte"], plan[name], "D", color=ORANGE, markersize=9, zorder=3,
                label=words.text("trade.plan"),
            )  # fmt: skip
            ax.set_xlabel(words.text("trade.fte_axis"))
            numbers(ax.xaxis, words, most=5)
        level.plot(
            table["fte"], table["week_p10"], color=BLUE, ls=":", label=words.text("trade.bad_week")
        )
        level.axhline(rules.service_level_target, color=GREY, lw=1.2, ls="--")
        if rules.occupancy_max < 1:
            busy.axhline(rules.occupancy_max, color=GREY, lw=1.2, ls="--")
        level.plot([], [], color=GREY, ls="--", label=words.text("trade.goal"))
        level.set_title(words.text("trade.service_axis"), loc="left", fontsize=10)
        busy.set_title(words.text("trade.occupancy_axis"), loc="left", fontsize=10)
        currency = words.name("currency", m.currency)
        cost.set_title(words.text("trade.cost_axis", currency=currency), loc="left", fontsize=10)
        percents(level.yaxis, words)
        percents(busy.yaxis, words)
        numbers(cost.yaxis, words, most=5)
        handles, labels = level.get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside upper left", frameon=False, ncols=3 if wide else 1
        )
        return figure
