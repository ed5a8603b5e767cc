"""Contact-centre forecasts, staffing and what-if plans.

Import the module that you mean: ``from forecast.queueing import required_agents``. This file stays
empty of names so that every DVC stage depends on no more code than it uses.
"""

from importlib.metadata import version

__version__ = version("contact-centre-forecast")
