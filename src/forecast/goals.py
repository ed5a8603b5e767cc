"""What agents must achieve: the section ``capacity`` as a target of the queueing formulas."""

from forecast.params import CapacityParams
from forecast.queueing.staffing import Target


def target_of(params: CapacityParams) -> Target:
    """Return the goals of the section ``capacity``."""
    return Target(
        params.service_level_target,
        params.answer_within_s,
        params.occupancy_max,
        params.definition,
        asa_max_s=params.asa_max_s,
        abandonment_max=params.abandonment_max,
        p_wait_max=params.p_wait_max,
    )
