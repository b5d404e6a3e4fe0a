"""The oracle: roc-validator's judgement of a crate, without a network.

``python -m fairwf.crates.oracle CRATE`` prints how many checks of the crate's profile hold, by
severity, with the names of those that fail. Exit 1: a REQUIRED check fails; 2: wrong usage; 3: the
validator is not installed.
"""

from __future__ import annotations

import io
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairwf.contexts import PLACES, context_bytes
from fairwf.contexts import ro_crate as context_of
from fairwf.crates.read import Crate, open_crate
from fairwf.entities.reading import values
from fairwf.report import EnvironmentFault, FairwfError

SEVERITIES = ("REQUIRED", "RECOMMENDED", "OPTIONAL")

# Claims of a crate, most special first, and the validator's name of the profile.
_PROFILES = (
    ("https://w3id.org/ro/wfrun/provenance/", "provenance-run-crate-0.5"),
    ("https://w3id.org/ro/wfrun/workflow/", "workflow-run-crate-0.5"),
    ("https://w3id.org/ro/wfrun/process/", "process-run-crate-0.5"),
    ("https://w3id.org/workflowhub/workflow-ro-crate/", "workflow-ro-crate-1.0"),
)

PROFILES = (
    *(name for _, name in _PROFILES),
    "workflow-testing-ro-crate-0.1",
    "ro-crate-1.1",
    "ro-crate-1.2",
    "ro-crate-1.3",
)

_USAGE = f"""\
usage: python -m fairwf.crates.oracle CRATE [PROFILE]

PROFILE is one of {", ".join(PROFILES)};
without it, the most special that the crate claims.
"""


@dataclass(frozen=True)
class Failure:
    """A check that fails: its identifier and name, what it says, and the entity."""

    severity: str
    check: str
    name: str
    message: str
    entity: str | None


@dataclass(frozen=True)
class Judgement:
    """What the validator says: checks by severity, and every failure."""

    profile: str
    total: dict[str, int]
    failures: tuple[Failure, ...]

    @property
    def conformant(self) -> bool:
        """True where every REQUIRED check holds."""
        return not self.failed("REQUIRED")

    def failed(self, severity: str) -> dict[str, str]:
        """Return the checks of a severity that fail: names by identifier."""
        return {f.check: f.name for f in self.failures if f.severity == severity}

    def text(self) -> str:
        """Return the judgement for people."""
        lines = [f"profile {self.profile}"]
        for severity in SEVERITIES:
            failed, total = self.failed(severity), self.total.get(severity, 0)
            lines.append(f"{severity:<12} {total - len(failed):>3} of {total} checks hold")
            for check, name in sorted(failed.items()):
                entities = [f.entity for f in self.failures if f.check == check and f.entity]
                shown = f"; {len(entities)} entities, first {entities[0]}" if entities else ""
                lines.append(f"  {check}: {name}{shown}")
        return "\n".join(lines)


def judge(crate: str | Path, profile: str | None = None) -> Judgement:
    """Return what roc-validator says of a crate (a folder or a zip file).

    Args:
        crate: the crate.
        profile: the validator's name of a profile; by default the most special that is claimed.

    Raises:
        InvalidError: there is no crate.
        EnvironmentFault: roc-validator is not installed (FWF5003).
    """
    with open_crate(crate) as opened, tempfile.TemporaryDirectory() as temporary:
        chosen = profile or claimed(opened)
        # The validator makes URIs of paths without quoting them, so the crate gets a plain one.
        folder = Path(temporary) / "crate"
        if Path(crate).is_file():
            _unpack(Path(crate), folder)
        else:
            folder.symlink_to(Path(crate).resolve(), target_is_directory=True)
        return _validate(folder, chosen, Path(temporary) / "contexts")


def claimed(crate: Crate) -> str:
    """Return the validator's name of the most special profile that a crate claims.

    Of a crate of RO-Crate 1.2 or later it is that of RO-Crate: the validator knows the run profiles
    for RO-Crate 1.1 only.
    """
    for version in ("1.3", "1.2"):
        if context_of(version) in values(crate.document.get("@context")):
            return f"ro-crate-{version}"
    for prefix, name in _PROFILES:
        if any(iri.startswith(prefix) for iri in crate.profiles):
            return name
    return "workflow-ro-crate-1.0" if crate.main is not None else "ro-crate-1.1"


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip file whose members were found safe when it was opened."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)


def _validate(folder: Path, profile: str, cache: Path) -> Judgement:
    try:
        from rocrate_validator import models, services
        from rocrate_validator.utils.http import HttpRequester
    except ImportError:
        raise EnvironmentFault.of(
            "FWF5003",
            "roc-validator is not installed",
            hint="pip install 'fairwf[check]'",
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _seed(HttpRequester, cache)
        settings = services.ValidationSettings(
            rocrate_uri=str(folder),
            profile_identifier=profile,
            requirement_severity=models.Severity.OPTIONAL,
            offline=True,
            cache_path=cache,
        )
        result = services.validate(settings)
    return _judgement(profile, result)


def _seed(requester: Any, cache: Path) -> None:
    """Fill the validator's cache with our contexts, under every address that crates use."""
    import requests
    from urllib3 import HTTPResponse

    kind = {"Content-Type": "application/ld+json"}
    requester.initialize_cache(cache_path=str(cache), cache_max_age=-1)
    store = requester().session.cache
    accepted = "application/ld+json, application/json"
    for url in PLACES:
        body = context_bytes(url)
        for accept in (accepted, f"{accepted}, */*;q=0.1", None):
            asked = requests.Request("GET", url, headers={"Accept": accept} if accept else {})
            response = requests.Response()
            response.status_code, response.url, response.encoding = 200, url, "utf-8"
            response.headers.update(kind)
            response.raw = HTTPResponse(io.BytesIO(body), kind, 200, preload_content=False)
            response._content = body
            response.request = requests.Session().prepare_request(asked)
            store.save_response(response)


def _judgement(profile: str, result: Any) -> Judgement:
    total = result.statistics.to_dict()["total_checks_by_severity"]
    failures = tuple(
        Failure(
            issue.check.severity.name,
            issue.check.identifier,
            issue.check.name,
            issue.message or "",
            issue.violatingEntity,
        )
        for issue in result.get_issues()
    )
    return Judgement(profile, total, failures)


def main(arguments: Sequence[str]) -> int:
    """Judge the crate that is named and return the exit code."""
    if set(arguments) & {"-h", "--help"}:
        sys.stdout.write(_USAGE)
        return 0
    if len(arguments) not in (1, 2) or not set(arguments[1:]) <= set(PROFILES):
        sys.stderr.write(_USAGE)
        return 2
    try:
        found = judge(*arguments)
    except FairwfError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(found.text() + "\n")
    return 0 if found.conformant else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
