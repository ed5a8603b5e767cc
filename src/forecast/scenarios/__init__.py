"""What-ifs: levers on the demand and on the staffing rules, side by side with the base plan."""

from forecast.scenarios.learned import Learned
from forecast.scenarios.run import WhatIf, run_scenarios

__all__ = ["Learned", "WhatIf", "run_scenarios"]
