"""Queueing formulas: pure maths on numbers and arrays, nothing of this project's tables.

Scalars or arrays go in and broadcast; loads are in erlangs, times in seconds.
"""

from forecast.queueing.erlang import QueueResult, erlang_a, erlang_b, erlang_c
from forecast.queueing.staffing import Target, required_agents, scheduled_agents

__all__ = [
    "QueueResult",
    "Target",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "required_agents",
    "scheduled_agents",
]
