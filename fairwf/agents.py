"""People and organisations as users name them: ``Ada Lovelace <https://orcid.org/...>``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairwf.ir.identifiers import orcid_of, ror_of, wrong_check_digit
from fairwf.ir.iris import is_iri
from fairwf.ir.metadata import Agent
from fairwf.report import InvalidError, UsageFault

_NAMED = re.compile(r"\s*(?P<name>[^<>]*?)\s*(?:<(?P<id>[^<>\s]+)>)?\s*\Z")
_MOST_BYTES = 1024 * 1024


def named(text: str) -> tuple[str, str | None]:
    """Return the name and the IRI of ``NAME`` or ``NAME <IRI>``; an ORCID or ROR becomes its IRI.

    Raises:
        UsageFault: the text is neither, or a check digit of an ORCID or ROR is wrong.
    """
    match = _NAMED.match(text)
    if match is None or not match["name"]:
        raise UsageFault.of(
            "FWF9001",
            f"{text!r:.80} names nobody",
            hint="write NAME, or NAME <IRI>: Ada Lovelace <https://orcid.org/0000-0002-1825-0097>",
        )
    identifier = match["id"]
    return match["name"], identifier and identifier_iri(identifier)


def identifier_iri(text: str) -> str:
    """Return an ORCID or ROR as its IRI, another IRI as it is.

    Raises:
        UsageFault: it is none of them, or a check digit of an ORCID or ROR is wrong.
    """
    wrong = wrong_check_digit(text)
    if wrong is not None:
        raise UsageFault.of("FWF9001", f"{text!r:.80} is no {wrong}: its check digit is wrong")
    orcid, ror = orcid_of(text), ror_of(text)
    if orcid is not None:
        return f"https://orcid.org/{orcid}"
    if ror is not None:
        return f"https://ror.org/{ror}"
    if not is_iri(text):
        raise UsageFault.of(
            "FWF9001", f"{text!r:.80} is no IRI", hint="an ORCID or ROR looks like https://..."
        )
    return text


def person(text: str, affiliation: str | None = None) -> Agent:
    """Return the person that ``NAME <IRI>`` names; ``affiliation`` is written alike.

    Raises:
        UsageFault: a text is neither a name nor a name with an IRI.
    """
    name, identifier = named(text)
    if affiliation is not None:
        named(affiliation)
    return Agent(name=name, id=identifier, affiliation=affiliation)


def organisation(text: str) -> Agent:
    """Return the organisation that ``NAME <IRI>`` names.

    Raises:
        UsageFault: the text is neither a name nor a name with an IRI.
    """
    name, identifier = named(text)
    return Agent(name=name, id=identifier, organization=True)


def configuration_file() -> Path:
    """Return the place of the user's settings (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "fairwf" / "config.toml"


def configured() -> tuple[Agent | None, Agent | None]:
    """Return the person and the publisher that the user's settings name.

    ``[agent]`` has ``name``, ``id``, ``email`` and ``affiliation``; ``[publisher]`` has ``name``
    and ``id``.

    Raises:
        InvalidError: the file is no TOML, or a table has no name.
        UsageFault: an identifier is none.
    """
    path = configuration_file()
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None, None
    except OSError:  # a home that may not be looked into has no settings for us
        return None, None
    import tomllib

    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidError.of("FWF1004", f"is no TOML: {error}", file=str(path)) from None
    except OSError:  # nor has a file that may not be read
        return None, None
    return _agent(settings, "agent", path), _agent(settings, "publisher", path)


def _agent(settings: Mapping[str, Any], table: str, path: Path) -> Agent | None:
    stated = settings.get(table)
    if stated is None:
        return None
    texts = {k: v for k, v in stated.items() if isinstance(v, str)} if _is_map(stated) else {}
    if not texts.get("name"):
        raise InvalidError.of(
            "FWF1004", f"[{table}] has no name", file=str(path), hint='name = "Ada Lovelace"'
        )
    identifier = texts.get("id")
    return Agent(
        name=texts["name"],
        id=identifier_iri(identifier) if identifier else None,
        email=texts.get("email"),
        affiliation=texts.get("affiliation"),
        organization=table == "publisher",
    )


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)
