"""Queueing formulas: pure maths on numbers and arrays, nothing of this project's tables.

Scalars or arrays go in and broadcast; loads are in erlangs, times in seconds. Days of changing
rates are in ``forecast.queueing.transient``, the simulator in ``forecast.queueing.simulation``.
"""

from forecast.queueing.backlog import BacklogResult, backlog_agents, work_off
from forecast.queueing.blending import BlendResult, blend, blend_reserve
from forecast.queueing.carried import carried_load
from forecast.queueing.chat import ChatResult, chat, chat_agents
from forecast.queueing.engset import EngsetResult, engset
from forecast.queueing.erlang_a import erlang_a, erlang_a_wait
from forecast.queueing.erlang_b import (
    Retries,
    erlang_b,
    extended_erlang_b,
    offered_load_for_blocking,
    trunks_for_blocking,
)
from forecast.queueing.erlang_c import erlang_c, erlang_c_wait
from forecast.queueing.finite import finite_room
from forecast.queueing.patience import Patience, patience_from_abandonment, patience_from_waits
from forecast.queueing.priority import PriorityResult, priority
from forecast.queueing.redials import (
    RedialResult,
    required_agents_with_redials,
    with_redials,
)
from forecast.queueing.result import (
    DEFINITIONS,
    Definition,
    Ends,
    QueueResult,
    service_level,
    together,
)
from forecast.queueing.shrinkage import on_position, scheduled_agents
from forecast.queueing.staffing import Target, performance, required_agents

__all__ = [
    "DEFINITIONS",
    "BacklogResult",
    "BlendResult",
    "ChatResult",
    "Definition",
    "Ends",
    "EngsetResult",
    "Patience",
    "PriorityResult",
    "QueueResult",
    "RedialResult",
    "Retries",
    "Target",
    "backlog_agents",
    "blend",
    "blend_reserve",
    "carried_load",
    "chat",
    "chat_agents",
    "engset",
    "erlang_a",
    "erlang_a_wait",
    "erlang_b",
    "erlang_c",
    "erlang_c_wait",
    "extended_erlang_b",
    "finite_room",
    "offered_load_for_blocking",
    "on_position",
    "patience_from_abandonment",
    "patience_from_waits",
    "performance",
    "priority",
    "required_agents",
    "required_agents_with_redials",
    "scheduled_agents",
    "service_level",
    "together",
    "trunks_for_blocking",
    "with_redials",
    "work_off",
]
