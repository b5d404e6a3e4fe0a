"""Questions to servers: bounded in number, size and time, and only to public addresses.

Whom to ask stands in files of strangers. So a name that leads to a machine of this network is
refused, also after a redirect, and the connection is to the address that was looked at; nothing
secret is sent; answers are read up to a limit.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from fairwf.fair.network.services import Services
from fairwf.report import EnvironmentFault
from fairwf.version import VERSION

if TYPE_CHECKING:
    import requests

MOST_QUESTIONS = 40
MOST_OCTETS = 4 * 1024 * 1024
_REDIRECTS = 6
_CONNECT_S, _READ_S, _ALL_S = 10.0, 20.0, 120.0


class UnreachableError(Exception):
    """A server gave no answer; the message says why, for an outcome that is not assessed."""


@dataclass(frozen=True)
class Reply:
    """What a server answered: the status, where it came from in the end, the body if it is JSON."""

    status: int
    url: str
    body: Any = None

    @property
    def ok(self) -> bool:
        """True where there is what was asked for."""
        return 200 <= self.status < 300

    def get(self, *path: str) -> Any:
        """Return a member of a member of the body, None where there is none."""
        found = self.body
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found


@dataclass(eq=False)
class Network:
    """A budget of questions. ``local`` allows addresses of this network too (a site's servers)."""

    services: Services = field(default_factory=Services)
    local: bool = False
    _asked: dict[tuple[str, str], Reply | UnreachableError] = field(default_factory=dict)
    _checked: dict[str, list[str]] = field(default_factory=dict)
    _began: float | None = None
    _session: requests.Session | None = None

    def ask(self, url: str, accept: str = "application/json") -> Reply:
        """Return the answer to a GET; the same question is asked once.

        Raises:
            UnreachableError: there is no answer: no route, no trust, too slow, too large, or the
                address is not public.
            EnvironmentFault: requests is not installed (FWF5003).
        """
        key = (url, accept)
        if key not in self._asked:
            try:
                self._asked[key] = self._followed(url, accept)
            except UnreachableError as error:
                self._asked[key] = error
        found = self._asked[key]
        if isinstance(found, UnreachableError):
            raise found
        return found

    def _followed(self, url: str, accept: str) -> Reply:
        if len(self._asked) >= MOST_QUESTIONS:
            raise UnreachableError(f"more than {MOST_QUESTIONS} questions for one workflow")
        for _ in range(_REDIRECTS):
            self._allowed(url)
            status, location, data = self._one(url, accept)
            if not (300 <= status < 400 and location):
                return Reply(status, url, _parsed(data))
            url = urljoin(url, location)
        raise UnreachableError(f"{_host(url)} sends us on and on")

    def _allowed(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise UnreachableError(f"{url[:100]!r} is no address") from None
        if host is None or parts.scheme not in ("http", "https"):
            raise UnreachableError(f"{url[:100]!r} is no address on the web")
        if parts.username is not None or parts.password is not None:
            raise UnreachableError(f"the address on {host} carries a user's name or password")
        try:
            usual = 443 if parts.scheme == "https" else 80
            found = socket.getaddrinfo(host, port or usual, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise UnreachableError(f"{host}: {getattr(error, 'strerror', None) or error}") from None
        addresses = [str(entry[4][0]) for entry in found]
        if not self.local and not all(map(_public, addresses)):
            raise UnreachableError(f"{host} is no public address: it is not asked")
        self._checked[host.lower()] = addresses

    def _one(self, url: str, accept: str) -> tuple[int, str | None, bytes]:
        session = self._opened()
        import requests

        began = self._began = self._began if self._began is not None else time.monotonic()
        if time.monotonic() - began > _ALL_S:
            raise UnreachableError("the look-ups took too long; the rest was not asked")
        try:
            with session.get(
                url,
                headers={"Accept": accept},
                timeout=(_CONNECT_S, _READ_S),
                allow_redirects=False,
                stream=True,
            ) as response:
                data = b""
                for chunk in response.iter_content(64 * 1024):
                    data += chunk
                    if len(data) > MOST_OCTETS or time.monotonic() - began > _ALL_S:
                        raise UnreachableError(f"{_host(url)}: the answer is too large or too slow")
                return response.status_code, response.headers.get("Location"), data
        except requests.exceptions.RequestException as error:
            why = type(error).__name__.removesuffix("Error")
            raise UnreachableError(f"{_host(url)}: no answer ({why})") from None

    def _opened(self) -> requests.Session:
        if self._session is None:
            try:
                import requests

                from fairwf.fair.network.pinned import PinnedAdapter
            except ImportError:
                raise EnvironmentFault.of(
                    "FWF5003", "requests is not installed", hint="pip install 'fairwf[publish]'"
                ) from None
            self._session = requests.Session()
            # No secret of ~/.netrc goes to whom a stranger's file names; proxies are the site's.
            self._session.auth = lambda request: request
            for scheme in ("http://", "https://"):
                self._session.mount(scheme, PinnedAdapter(self._checked))
            self._session.headers["User-Agent"] = f"fairwf/{VERSION}"
        return self._session


def _public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False


def _host(url: str) -> str:
    return urlsplit(url).netloc[:100]


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
