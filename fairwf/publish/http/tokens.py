"""Tokens: from the environment or the keyring of the user, and shown nowhere."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from fairwf.report import EnvironmentFault

KEYRING_SERVICE = "fairwf"


@dataclass(frozen=True)
class Token:
    """A secret and where it is from; its text is never a part of what is shown of it."""

    origin: str
    _text: str = field(repr=False)

    def reveal(self) -> str:
        """Return the secret itself, for the header of a request."""
        return self._text

    def hidden_in(self, text: str) -> str:
        """Return a text without the secret."""
        return text.replace(self._text, "[token]")


def find_token(variable: str, host: str, advice: str) -> Token:
    """Return the token for a server.

    Args:
        variable: the environment variable that may hold it; it wins over the keyring.
        host: the user name under which the keyring holds it, for the service ``fairwf``.
        advice: where a user gets one.

    Raises:
        EnvironmentFault: there is none, or it cannot be one (FWF5204).
    """
    text = os.environ.get(variable)
    if text:
        return _checked(text, variable)
    text, trouble = _from_keyring(host)
    if text:
        return _checked(text, f"the keyring, for {host}")
    raise EnvironmentFault.of(
        "FWF5204",
        f"there is no token for {host}{trouble}",
        hint=f"{advice}; put it into {variable}, or store it: keyring set {KEYRING_SERVICE} {host}",
    )


def _checked(text: str, origin: str) -> Token:
    text = text.strip()
    if not text or not text.isascii() or any(c <= " " or c == "\x7f" for c in text):
        raise EnvironmentFault.of(
            "FWF5204",
            f"what stands in {origin} is no token: it holds blanks or characters that no token has",
        )
    return Token(origin, text)


def _from_keyring(host: str) -> tuple[str | None, str]:
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ImportError:
        return None, ""
    try:
        return keyring.get_password(KEYRING_SERVICE, host), ""
    except NoKeyringError:  # as on most servers
        return None, ", and no keyring here"
    except KeyringError as error:
        return None, f"; the keyring cannot be asked: {error}"
