"""Connections to addresses that were checked, whatever a name leads to by then (DNS rebinding)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

Checked = Mapping[str, Sequence[str]]
"""The addresses of hosts."""


class PinnedAdapter(HTTPAdapter):
    """Connects to a host's checked addresses alone; the host is still whom TLS must prove.

    Connections to a proxy are made as usual: there the proxy looks the name up.
    """

    def __init__(self, checked: Checked) -> None:
        self._checked = checked
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of connections."""
        super().init_poolmanager(*args, **options)
        checked = self._checked

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _connected(self, checked, super()._new_conn)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _connected(self, checked, super()._new_conn)

        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": Plain}),
            "https": type("Pool", (HTTPSConnectionPool,), {"ConnectionCls": Secure}),
        }


def _connected(
    connection: HTTPConnection, checked: Checked, connect: Callable[[], socket.socket]
) -> socket.socket:
    """Return a socket to the first of a host's checked addresses that answers."""
    host = connection.host
    failure = NewConnectionError(connection, f"no address of {host} was checked")
    for address in checked.get(host.lower(), ()):
        connection.host = address
        try:
            return connect()
        except (NewConnectionError, OSError) as error:
            failure = error if isinstance(error, NewConnectionError) else failure
        finally:
            connection.host = host
    raise failure
