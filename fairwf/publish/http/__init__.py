"""Talking to a server: addresses, tokens, patience, requests."""

from __future__ import annotations

from fairwf.publish.http.address import Address, parse_address
from fairwf.publish.http.bodies import Body
from fairwf.publish.http.client import Answer, Client, LostError
from fairwf.publish.http.patience import Patience
from fairwf.publish.http.tokens import Token, find_token

__all__ = [
    "Address",
    "Answer",
    "Body",
    "Client",
    "LostError",
    "Patience",
    "Token",
    "find_token",
    "parse_address",
]
