"""Settings of staffing: goals, assumptions, and what people cost."""

from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from forecast.settings import Section, Share

Risk = Literal["mean", "p10", "p50", "p90", "expected", "confident"]
"""What is staffed for: see ``capacity.requirements.agents_at``."""
Definition = Literal["offered", "answered", "excluded", "met", "missed"]
"""Of service level, as in ``queueing.result``."""
FLAT = 0.30
"""Shrinkage where nothing else is said."""


class CapacityParams(Section):
    """Staffing rules and the assumptions that an export without handle time needs."""

    service_level_target: float = Field(0.80, gt=0, lt=1)
    answer_within_s: float = Field(20, ge=0)
    definition: Definition = "offered"
    """How contacts that hang up count in the service level: offered, answered, excluded, met or
    missed (docs/queueing.md)."""
    asa_max_s: float | None = Field(None, gt=0)
    """Longest mean wait; null: no such goal."""
    abandonment_max: float | None = Field(None, gt=0, lt=1)
    """Largest share that may hang up; needs `patience_s`. null: no such goal."""
    p_wait_max: float | None = Field(None, gt=0, lt=1)
    """Largest share that may have to wait at all; null: no such goal."""
    aht_s: float | None = Field(None, gt=0)
    """Assumed handle time; null: measured over the last `aht_weeks` of the history."""
    aht_weeks: int = Field(8, ge=1)
    patience_s: float | None = Field(None, gt=0)
    """Assumed mean patience of callers (Erlang A); null: nobody hangs up (Erlang C)."""
    redial: float = Field(0.0, ge=0, lt=1)
    """Share of those who hang up who call again, fed back into the load; needs `patience_s`."""
    shrinkage: float = Field(FLAT, ge=0, lt=1)
    """Share of paid time that is not on position: leave, training, breaks, sickness."""
    occupancy_max: float = Field(0.85, gt=0, le=1)
    """Ceiling on occupancy; 1: none."""
    agents_min: int = Field(0, ge=0)
    """Positions filled in every open interval, whoever calls."""
    pools: dict[str, list[str]] = {}
    """Queues that one team serves: its name and theirs. All others have a team of their own."""
    plan_at: Risk = "expected"
    """What is staffed: the mean, median (p50), p10 or p90 of the rate; `expected`: the target is
    met over all contacts that may come; `confident`: with the probability `confidence`."""
    confidence: float = Field(0.9, gt=0, lt=1)
    """Probability with which every interval meets the target where `plan_at` is `confident`."""
    cost_per_paid_hour: float = Field(gt=0)
    currency: str = Field(min_length=1, max_length=4)
    fte_hours_per_week: float = Field(40, gt=0, le=168)
    contract_mix: dict[str, Share] = {}
    """Which part of the paid hours each contract of the section ``costs`` works; empty: its one."""
    assumed: list[Literal["aht_s", "patience_s", "shrinkage", "cost_per_paid_hour"]] = []
    """Which of the above are assumptions rather than measured; every output repeats them."""

    @model_validator(mode="after")
    def _assumes_what_it_has(self) -> Self:
        empty = [name for name in self.assumed if getattr(self, name) is None]
        if empty:
            raise ValueError(f"assumed names {', '.join(empty)}, which has no value; drop the name")
        patient = [name for name in ("abandonment_max", "redial") if getattr(self, name)]
        if patient and self.patience_s is None:
            raise ValueError(f"{patient[0]} needs patience_s: without it nobody hangs up")
        parts = self.contract_mix.values()
        if parts and sum(Fraction(str(part)) for part in parts) != 1:
            raise ValueError(f"contract_mix must add up to 1; found {dict(self.contract_mix)}")
        return self
