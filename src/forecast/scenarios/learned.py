"""What the history tells of promotions and other events, for levers that add or change them."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Learned:
    """What events do.

    Attributes
    ----------
    kinds
        KIND_EFFECTS: what the next event of a kind does, day by day.
    days
        EVENT_DAYS: what the forecast has for each event ahead.
    seed
        Of the draws by which one more promotion does more on some paths than on others.
    """

    kinds: pd.DataFrame
    days: pd.DataFrame
    seed: int = 0
