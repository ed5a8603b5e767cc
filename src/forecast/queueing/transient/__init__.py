"""Queues over a day whose rate and agents change from interval to interval."""

from forecast.queueing.transient.approximations import (
    infinite_server_mean,
    lagged_sipp,
    modified_offered_load,
    sipp,
)
from forecast.queueing.transient.chain import TransientResult, transient_chain
from forecast.queueing.transient.day import Day

__all__ = [
    "Day",
    "TransientResult",
    "infinite_server_mean",
    "lagged_sipp",
    "modified_offered_load",
    "sipp",
    "transient_chain",
]
