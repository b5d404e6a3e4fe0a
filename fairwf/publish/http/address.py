"""Addresses of servers: what may be talked to, and where a token may go."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from fairwf.report import UsageFault

_QUERY = re.compile(r"(?<=[^\s?#])[?#]\S*=\S*")


@dataclass(frozen=True)
class Address:
    """The root of a server: scheme, host with its port where that is not the usual one, path."""

    scheme: str
    host: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"

    def url(self, path: str) -> str:
        """Return the address of a path below the root."""
        return f"{self}/{path.lstrip('/')}"

    def owns(self, url: str) -> bool:
        """Tell whether an address is on this very server: same scheme, host and port."""
        try:
            other = _split(url)
        except ValueError:
            return False
        return (other.scheme, other.host) == (self.scheme, self.host)


def parse_address(text: str, allow_http: bool = False) -> Address:
    """Return the address of a server.

    Raises:
        UsageFault: it is no address on the web, carries a password or a query, or is ``http://``
            to another machine without leave, so that the token would travel in the open.
    """
    try:
        found = _split(text)
    except ValueError as error:
        raise UsageFault.of(
            "FWF9001", f"--url: {text!r:.80} {error}", hint="it looks like https://zenodo.org"
        ) from None
    if found.scheme == "http" and not (allow_http or _is_local(found.host)):
        raise UsageFault.of(
            "FWF9001",
            f"--url: {text!r:.80} is not encrypted, so anybody on the way could read the token",
            hint="use https://; --allow-http if you are sure",
        )
    return found


def without_query(text: str) -> str:
    """Return a text without the queries of addresses in it: who has a signature, may do it."""
    return _QUERY.sub("?...", text)


def _split(text: str) -> Address:
    parts = urlsplit(text)
    port = parts.port  # raises ValueError for what is no port
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no address on the web")
    if parts.username is not None or parts.password is not None:
        raise ValueError("carries a user's name or password")
    if any(c <= " " or c == "\x7f" for c in text):
        raise ValueError("holds a blank or a control character")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port is not None and port != {"http": 80, "https": 443}[parts.scheme]:
        host = f"{host}:{port}"
    return Address(parts.scheme, host, parts.path.rstrip("/"))


def _is_local(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
