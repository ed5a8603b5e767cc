"""Sites in several time zones that share their load, by cost and capacity, on one UTC axis."""

from forecast.capacity.sites.arrangements import OWN, POOLED, SHARED, Sharing, sharing_of
from forecast.capacity.sites.share import Shared, share_load

__all__ = ["OWN", "POOLED", "SHARED", "Shared", "Sharing", "share_load", "sharing_of"]
