"""Coming peaks: when, how large, whether the plan's agents suffice, and what would help.

``windows`` finds them in EVENTS and FORECAST, ``gaps`` holds them against the agents there are,
``measures`` closes gaps at the least cost, ``lines`` checks trunks, ``find`` puts all together.
"""

from forecast.peaks.find import Peaks, find_peaks

__all__ = ["Peaks", "find_peaks"]
