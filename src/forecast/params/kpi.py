"""Settings of the scorecard: what each KPI should be."""

from typing import Self

from pydantic import Field, model_validator

from forecast.settings import Section, Share


class KpiParams(Section):
    """Targets of a plan's KPIs; null: none is set."""

    service_level_target: Share | None = 0.80
    """Share of offered contacts that are answered within ``answer_within_s``."""
    answer_within_s: float = Field(20, ge=0)
    answer_rate_target: Share | None = 0.90
    """Share of offered contacts that are answered."""
    occupancy_min: Share | None = 0.70
    occupancy_max: Share | None = 0.80
    first_contact_resolution_target: Share | None = 0.70
    self_service_target: Share | None = 0.40
    """Share of contacts that end without having asked for an agent."""
    attendance_target: Share | None = 0.95
    """Rostered hours that were attended."""
    attrition_max: float | None = Field(0.15, ge=0)
    """Leavers a year over mean heads."""

    @model_validator(mode="after")
    def _band_has_width(self) -> Self:
        low, high = self.occupancy_min, self.occupancy_max
        if low is not None and high is not None and low > high:
            raise ValueError(f"occupancy_min {low:g} is above occupancy_max {high:g}")
        return self
