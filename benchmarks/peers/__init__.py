"""Peers: how others forecast a contact centre, each as somebody would who knows the tool.

``peers.run`` makes their forecasts at past cutoffs and keeps them.
"""

from peers import boosting, naive, profiles, prophets, smoothing
from peers.base import LEVELS, Peer, quietly

PEERS: dict[str, Peer] = {
    **naive.PEERS,
    **prophets.PEERS,
    **boosting.PEERS,
    **smoothing.PEERS,
    **profiles.PEERS,
}
"""Every peer by its printed name; those of statsmodels only where it is installed."""

__all__ = ["LEVELS", "PEERS", "Peer", "quietly"]
