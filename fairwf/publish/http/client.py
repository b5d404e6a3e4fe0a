"""Requests to one server, with a token that goes nowhere else.

TLS is verified, redirects are not followed, answers are bounded. What can be repeated is repeated
while there is patience; what cannot is told to the caller as :class:`LostError`, who looks whether
the server did it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin

from fairwf.publish.http.address import Address, without_query
from fairwf.publish.http.bodies import Body, FormStream, Readable
from fairwf.publish.http.patience import Patience, retry_after
from fairwf.publish.http.tokens import Token
from fairwf.report import EnvironmentFault, InvalidError
from fairwf.version import VERSION

if TYPE_CHECKING:
    import requests

MOST_ANSWER = 16 * 1024 * 1024
"""Octets of an answer; more is no answer of an API."""

_CONNECT_S, _READ_S = 20.0, 300.0
# How urllib3 begins its messages: with the connection as Python shows it.
_OBJECT = re.compile(r"\A<?[\w.]*HTTPS?Connection(?:Pool)?(?:\([^)]*\)| object at [^>]*>): ?")
_FAILING = (500, 502, 503, 504)
_Found = TypeVar("_Found")


class LostError(Exception):
    """A request that must not be repeated blindly has failed: the server may have done it or not.

    ``after`` are the seconds that the server asks to be left alone.
    """

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.after = reason, after


@dataclass(frozen=True)
class Answer:
    """What a server answered: the status and the JSON of the body, None where it has none."""

    status: int
    body: Any = None
    text: str = field(default="", repr=False)

    @property
    def ok(self) -> bool:
        """True where the server did what it was asked for."""
        return 200 <= self.status < 300

    def get(self, *path: str) -> Any:
        """Return a member of a member of the body; None where there is none."""
        found = self.body
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found


class Client:
    """One server. ``kept`` is what to tell a user whose token fails: what is not lost."""

    def __init__(
        self,
        address: Address,
        token: Token,
        *,
        scheme: str = "Bearer",
        accept: str = "application/json",
        patience: Patience | None = None,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.address = address
        self.patience = patience or Patience()
        self.kept = "nothing was created"
        self._token = token
        self._say = say
        self._session = _session(scheme, token)
        self._headers = {"Accept": accept}

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Ask for something."""
        return self.send("GET", path, params=params)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Any = None,
        body: Body | None = None,
        form: Sequence[tuple[str, str]] | None = None,
        file: tuple[str, str, Body] | None = None,
        once: bool = False,
        expect: Sequence[int] = (),
    ) -> Answer:
        """Send a request and return the answer.

        Args:
            path: below the root of the server, or a whole address; to another server no token goes.
            data: JSON to send. ``form`` and ``file`` (field, file name, contents) make a
                multipart form instead.
            once: it must not be done twice, so it is not repeated where it may have been done.
            expect: statuses of 400 and above that are an answer, not a failure.

        Raises:
            LostError: with ``once``, when nobody knows whether the server did it.
            InvalidError: the server refuses what was sent (FWF5202).
            EnvironmentFault: it is out of reach (FWF5203), or refuses the token (FWF5204).
        """
        import requests

        url = self.address.url(path) if path.startswith("/") else path
        while True:
            try:
                answer, after = self._try(method, url, params, data, body, form, file)
            except requests.exceptions.RequestException as error:
                self._permanent(error)
                reason, after = self._clean(_reason(error)), None
                if once and not _never_sent(error):
                    raise LostError(reason) from None
            else:
                if answer.status == 429:
                    reason = "it asks for fewer requests"
                elif answer.status in _FAILING:
                    reason = f"it failed ({answer.status})"
                    if once:
                        raise LostError(reason, after)
                else:
                    self.patience.renew()
                    self._judge(method, url, answer, expect)
                    return answer
            self.wait(reason, after)

    def settle(self, act: Callable[[], _Found], look: Callable[[], _Found | None]) -> _Found:
        """Do something that must be done once: look whether it was done before it is tried again.

        Raises:
            EnvironmentFault: the server fails for longer than there is patience (FWF5203).
        """
        # Of its own: that the server answers when it is asked does not mean that it also acts.
        patience = self.patience.fresh()
        while True:
            try:
                return act()
            except LostError as lost:
                self.wait(lost.reason, lost.after, patience)
                found = look()
                if found is not None:
                    return found

    def wait(
        self, reason: str, after: float | None = None, patience: Patience | None = None
    ) -> None:
        """Wait before the next try.

        Raises:
            EnvironmentFault: there is no patience left (FWF5203).
        """
        patience = patience or self.patience
        delay = patience.next(after)
        if delay is None:
            when = f" in {after:.0f} s" if after else " later"
            raise EnvironmentFault.of(
                "FWF5203",
                f"{self.address.host}: {reason}; {self.kept}",
                hint=f"call it again{when}: it continues where it stopped. --wait SECONDS waits "
                "longer",
            )
        self._say(f"{self.address.host}: {reason}; trying again in {delay:.0f} s")
        patience.spend(delay)

    # --- one try ------------------------------------------------------------------------------

    def _try(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        data: Any,
        body: Body | None,
        form: Sequence[tuple[str, str]] | None,
        file: tuple[str, str, Body] | None,
    ) -> tuple[Answer, float | None]:
        ours = self.address.owns(url)
        headers = dict(self._headers)
        stream: Readable | None = None
        sent: Any = None
        if body is not None:
            stream = body.open()
            # requests sends an empty stream in chunks, which not every server takes
            sent = stream if body.size else b""
            headers["Content-Type"] = body.type
        elif file is not None:
            stream = form_stream = FormStream(form or (), file)
            sent = form_stream
            headers["Content-Type"] = form_stream.type
        elif data is not None:
            sent = json.dumps(data, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        try:
            with self._session.request(
                method,
                url,
                params=params,
                data=sent,
                headers=headers,
                timeout=(_CONNECT_S, _READ_S),
                allow_redirects=False,
                stream=True,
                auth=None if ours else _no_token,
            ) as response:
                text = _bounded(response)
                after = retry_after(response.headers.get("Retry-After"))
                if 300 <= response.status_code < 400:
                    self._redirected(url, response.headers.get("Location", ""))
                return Answer(response.status_code, _parsed(text), text), after
        finally:
            if stream is not None:
                stream.close()

    def _redirected(self, url: str, location: str) -> None:
        place = self._clean(urljoin(url, location), 200)
        raise EnvironmentFault.of(
            "FWF5203",
            f"{self.address.host} sends us to {place}; a token goes only where it was meant to go",
            hint="if that is right, name the new address with --url",
        )

    def _permanent(self, error: requests.exceptions.RequestException) -> None:
        """Raise what no patience mends."""
        import requests

        if isinstance(error, requests.exceptions.SSLError):
            raise EnvironmentFault.of(
                "FWF5203",
                f"{self.address.host} cannot be trusted: {self._clean(_reason(error))}",
                hint="REQUESTS_CA_BUNDLE names the certificates of an authority of your own",
            )
        if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
            raise EnvironmentFault.of(
                "FWF5203", f"{self.address.host}: {self._clean(_reason(error))}"
            )

    def _judge(self, method: str, url: str, answer: Answer, expect: Sequence[int]) -> None:
        if answer.ok or answer.status in expect:
            return
        told = self._clean(answer_text(answer))
        if answer.status == 401:
            raise EnvironmentFault.of(
                "FWF5204",
                f"{self.address.host} does not accept the token from {self._token.origin}: {told}; "
                f"{self.kept}",
                hint="it may have expired: make a new one, then call it again to continue",
            )
        if answer.status == 403:
            raise EnvironmentFault.of(
                "FWF5204",
                f"the token from {self._token.origin} may not do this on {self.address.host}: "
                f"{told}; {self.kept}",
                hint="make a token with the rights to write and to publish, then call it again",
            )
        path = without_query(url.removeprefix(str(self.address)))
        raise InvalidError.of(
            "FWF5202",
            f"{self.address.host} refuses {method} {path} ({answer.status}): {told}; {self.kept}",
            hint="mend what it says, then call it again: it continues where it stopped",
        )

    def _clean(self, text: str, most: int = 400) -> str:
        plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return without_query(self._token.hidden_in(plain))[:most]


def answer_text(answer: Answer) -> str:
    """Return what an answer says went wrong: InvenioRDM's errors by field, or those of JSON:API."""
    told = [str(answer.get(key)) for key in ("message", "title", "detail") if answer.get(key)]
    errors = answer.get("errors")
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, Mapping):
            told.append(error_text(error))
    return "; ".join(told) or (answer.text[:200] if answer.body is None else "") or "no reason"


def error_text(error: Mapping[str, Any]) -> str:
    """Return one error of an answer: the field, then what is wrong with it."""
    source = error.get("source")
    pointer = source.get("pointer") if isinstance(source, Mapping) else None
    where = error.get("field") or pointer
    messages = error.get("messages")
    lines = messages if isinstance(messages, list) else [messages]
    whys = [*lines, error.get("detail"), error.get("details"), error.get("title")]
    why = ", ".join(str(text) for text in whys if text)
    return f"{where}: {why}" if where else why


def _session(scheme: str, token: Token) -> requests.Session:
    try:
        import requests
    except ImportError:
        raise EnvironmentFault.of(
            "FWF5003", "requests is not installed", hint="pip install 'fairwf[publish]'"
        ) from None
    from http.cookiejar import DefaultCookiePolicy

    def authorise(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"{scheme} {token.reveal()}"
        return request

    session = requests.Session()
    session.auth = authorise  # also keeps ~/.netrc from putting another secret in its place
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = f"fairwf/{VERSION}"
    return session


def _no_token(request: requests.PreparedRequest) -> requests.PreparedRequest:
    request.headers.pop("Authorization", None)
    return request


def _bounded(response: requests.Response) -> str:
    data = bytearray()
    for chunk in response.iter_content(65536):
        data += chunk
        if len(data) > MOST_ANSWER:
            raise EnvironmentFault.of("FWF5203", "the server's answer is too large")
    return data.decode("utf-8", "replace")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _never_sent(error: Exception) -> bool:
    """Tell whether a request certainly did not reach the server."""
    import requests
    import urllib3

    if isinstance(error, (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", None)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _reason(error: Exception) -> str:
    """Return the innermost cause: requests wraps it several times."""
    import requests

    if isinstance(error, requests.exceptions.ReadTimeout):
        return "it does not answer"
    found: Any = error
    for _ in range(5):
        inner = getattr(found, "reason", None)
        if not isinstance(inner, Exception):
            inner = next((a for a in getattr(found, "args", ()) if isinstance(a, Exception)), None)
        if inner is None:
            break
        found = inner
    text = getattr(found, "strerror", None) or str(found)
    return _OBJECT.sub("", text)
