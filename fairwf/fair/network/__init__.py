"""What only a network can answer: asked with ``--allow-network``, never without it."""

from __future__ import annotations

from fairwf.fair.network.client import Network, Reply, UnreachableError
from fairwf.fair.network.services import Services

__all__ = ["Network", "Reply", "Services", "UnreachableError"]
