"""An invented centre's past as three switches would export it."""

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.demo.shipped import CHAT_PROFILE, shipped
from forecast.schema import local_time
from forecast.store import write_csv, write_text
from forecast.synthetic.commerce import Commerce
from forecast.synthetic.commerce_spec import INTERVAL_MIN

QUEUES_ZH: Mapping[str, str] = {
    "orders": "订单",
    "logistics_complaints": "物流投诉",
    "after_sales": "售后",
    "vip": "VIP",
}
"""What the switch at Hangzhou calls the queues; ``queue_map.csv`` gives them one name."""
SHARED = ["offered", "answered", "abandoned", "answered_in_threshold"]
TIMES = ["talk_s", "hold_s", "wrap_s", "wait_s"]


def write_exports(centre: Commerce, raw: Path, profiles: Path) -> int:
    """Write the history before the cutoff as exports, a file per switch and year.

    Hangzhou's calls as its switch reports them by interval, with Chinese headers and averages; its
    chats as an online-service tool does, read by a profile of the project's own; Warsaw in the
    package's canonical layout, with offsets from UTC.

    Parameters
    ----------
    centre
        The invented centre.
    raw
        Folder of exports.
    profiles
        Folder of own profiles, into which the chat tool's profile and the queues' names go.

    Returns
    -------
    int
        Rows written.
    """
    past = centre.past()
    home = past["site"] == "hangzhou"
    parts = {
        "hangzhou_hujiao": (past[home & (past["channel"] == "voice")], _calls_zh),
        "hangzhou_zaixian": (past[home & (past["channel"] == "chat")], _chats_zh),
        "warsaw": (past[~home], _canonical),
    }
    for name, (rows, layout) in parts.items():
        local = pd.concat(
            [
                local_time(own["ds"], ZoneInfo(centre.spec.site(str(site)).zone))
                for site, own in rows.groupby("site")
            ]
        ).reindex(rows.index)
        for year, own in rows.groupby(local.dt.year):
            write_csv(layout(own, local[own.index]), raw / f"{name}_{year}.csv")
    write_text(shipped(CHAT_PROFILE), profiles / CHAT_PROFILE)
    write_csv(_queue_map(set(past.loc[home, "queue"])), profiles / "queue_map.csv")
    return len(past)


def _calls_zh(rows: pd.DataFrame, local: pd.Series) -> pd.DataFrame:
    end = local + pd.Timedelta(minutes=INTERVAL_MIN)
    mean = {name: _clock(rows[name] / rows["answered"]) for name in ("talk_s", "wrap_s", "wait_s")}
    return pd.DataFrame(
        {
            "日期": local.dt.strftime("%Y-%m-%d"),
            "时间段": local.dt.strftime("%H:%M") + "-" + end.dt.strftime("%H:%M"),
            "技能组": rows["queue"].map(QUEUES_ZH),
            "呼入量": rows["offered"],
            "接通量": rows["answered"].astype("int64"),
            "放弃量": rows["abandoned"].astype("int64"),
            "20秒内接通量": rows["answered_in_threshold"].astype("int64"),
            "平均通话时长": mean["talk_s"],
            "总保持时长": rows["hold_s"].round().astype("int64"),
            "平均事后处理时间": mean["wrap_s"],
            "平均应答等待时长": mean["wait_s"],
            "平均在线坐席数": rows["agents"],
        }
    )


def _chats_zh(rows: pd.DataFrame, local: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "统计日期": local.dt.strftime("%Y/%m/%d"),
            "统计时段": local.dt.strftime("%H:%M"),
            "客服组": rows["queue"].map(QUEUES_ZH),
            "咨询量": rows["offered"],
            "接待量": rows["answered"].astype("int64"),
            "流失量": rows["abandoned"].astype("int64"),
            "20秒内响应量": rows["answered_in_threshold"].astype("int64"),
            "会话处理总时长(秒)": rows[["talk_s", "hold_s"]].sum(axis=1).round().astype("int64"),
            "整理总时长(秒)": rows["wrap_s"].round().astype("int64"),
            "首次响应总时长(秒)": rows["wait_s"].round().astype("int64"),
            "在线客服数": rows["agents"],
        }
    )


def _canonical(rows: pd.DataFrame, local: pd.Series) -> pd.DataFrame:
    offset = (local - rows["ds"].dt.tz_localize(None)).dt.total_seconds() // 3600
    stamp = local.dt.strftime("%Y-%m-%dT%H:%M") + offset.map("+{:02.0f}:00".format)
    out = rows[["site", "queue", "channel", *SHARED, *TIMES, "agents"]].round(
        dict.fromkeys(TIMES, 0)
    )
    out.insert(0, "interval_start", stamp)
    out.insert(4, "interval_minutes", INTERVAL_MIN)
    return out


def _clock(seconds: pd.Series) -> pd.Series:
    """Return seconds as H:MM:SS, empty where nobody was answered."""
    whole = seconds.replace([np.inf, -np.inf], np.nan).round()
    told = whole.fillna(0).astype("int64")
    text = (
        (told // 3600).map("{:02d}".format)
        + ":"
        + (told // 60 % 60).map("{:02d}".format)
        + ":"
        + (told % 60).map("{:02d}".format)
    )
    return text.where(whole.notna(), "")


def _queue_map(queues: set[str]) -> pd.DataFrame:
    columns = ("site", "queue", "valid_from", "valid_to", "to", "share")
    rows = [
        ("hangzhou", theirs, "", "", ours, "")
        for ours, theirs in QUEUES_ZH.items()
        if ours in queues
    ]
    return pd.DataFrame(rows, columns=list(columns))
