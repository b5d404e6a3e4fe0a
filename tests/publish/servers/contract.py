"""A server on this machine that follows a published API, and fails where a test says so.

A request is counted when it arrives; faults are named by that count. What is done with a request
follows the API; the fault decides whether it is done, and what the client hears of it.
"""

import contextlib
import json
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "t0ken-0f-the-c0ntract-server"

FAULTS = (
    "500 and not done",
    "500 and done",
    "503 with Retry-After",
    "429 with Retry-After",
    "reset in mid-upload",
    "reset before it is done",
    "reset when it is done",
    "half an answer",
)


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass
class Told:
    """An answer."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.told = Told(status, body)


class ContractServer(ABC):
    """Serves while the ``with`` lasts. Subclasses answer in :meth:`answer`."""

    scheme = "Bearer"

    def __init__(self) -> None:
        self.token = TOKEN
        self.faults: dict[int, str] = {}
        self.always: str | None = None
        self.rule: Callable[[str, str], str | None] = lambda method, path: None
        self.before: Callable[[int], None] = lambda number: None
        self.after: Callable[[int], None] = lambda number: None
        self.log: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.count = 0
        self.lock = threading.RLock()

    @abstractmethod
    def answer(self, asked: Asked) -> Told: ...

    @abstractmethod
    def unauthorised(self) -> Told: ...

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        owner = self

        class Handler(_Handler):
            contract = owner

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *ending: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # --- for tests ----------------------------------------------------------------------------

    def fail(self, number: int, fault: str) -> None:
        """Let the request of this number, counted from now and from 0, fail."""
        self.faults[self.count + number] = fault

    def requests(self, text: str) -> list[str]:
        """The requests so far that contain a text."""
        return [line for line in self.log if text in line]

    def handle(self, asked: Asked) -> Told:
        with self.lock:
            self.log.append(f"{asked.method} {asked.path}")
            self.headers.append(asked.headers)
            if asked.headers.get("authorization") != f"{self.scheme} {self.token}":
                return self.unauthorised()
            try:
                return self.answer(asked)
            except RefusedError as refused:
                return refused.told


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    contract: ContractServer

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the contract keeps a log of its own."""

    def _serve(self) -> None:
        contract = self.contract
        with contract.lock:
            number = contract.count
            contract.count += 1
        rule = contract.rule(self.command, self.path) or contract.always
        fault = contract.faults.get(number, rule)
        length = int(self.headers.get("Content-Length") or 0)
        assert "chunked" not in self.headers.get("Transfer-Encoding", ""), "of unknown length"
        if fault == "reset in mid-upload":
            self.rfile.read(length // 2)
            self._reset()
            return
        body = self.rfile.read(length)
        contract.before(number)
        parts = urlsplit(self.path)
        asked = Asked(
            self.command,
            unquote(parts.path),
            parse_qs(parts.query),
            {key.lower(): value for key, value in self.headers.items()},
            body,
        )
        done = fault in (None, "500 and done", "reset when it is done", "half an answer")
        told = contract.handle(asked) if done else Told(500)
        contract.after(number)
        if fault is None:
            self._tell(told)
        elif fault.startswith("500"):
            self._tell(Told(500, {"message": "Internal server error", "status": 500}))
        elif fault.startswith(("429", "503")):
            self._tell(Told(int(fault[:3]), {"message": "later"}, {"Retry-After": "0"}))
        elif fault == "half an answer":
            self._tell(told, half=True)
        elif fault.startswith("status "):
            status, _, location = fault.removeprefix("status ").partition(" ")
            self._tell(Told(int(status), None, {"Location": location}))
        else:
            self._reset()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - names of http.server

    def _tell(self, told: Told, half: bool = False) -> None:
        data = b"" if told.body is None else json.dumps(told.body).encode()
        self.send_response(told.status)
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data) + (10 if half and not data else 0)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(data[: len(data) // 2] if half else data)
            self.wfile.flush()
        if half:
            self._reset()

    def _reset(self) -> None:
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
