"""Settings of trunks and menu ports."""

from pydantic import Field

from forecast.settings import Section


class TrunksParams(Section):
    """What lines are planned for."""

    ivr_s: float = Field(ge=0)
    """Mean time of a call in the menu."""
    blocking_max: float = Field(0.01, gt=0, lt=1)
    """Largest share of calls that may find all trunks taken in the busiest interval."""
    self_service: float = Field(0.0, ge=0, lt=1)
    """Share of all calls that end in the menu, beside those that are forecast."""
    peak_quantile: float = Field(0.9, gt=0, lt=1)
    """How much of what may come the lines are enough for: 0.9 is nine paths of ten."""
