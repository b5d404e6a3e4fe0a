"""What services say of a workflow: identifiers, archives, registries, licences of tools."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from fairwf.fair.detectors.placeholders import words
from fairwf.fair.detectors.versions import bare_version
from fairwf.fair.network.client import Network, Reply
from fairwf.fair.outcome import Evidence
from fairwf.ir.identifiers import doi_of

_CITATION = "application/vnd.citationstyles.csl+json, application/json;q=0.5"
_SWHID = re.compile(r"swh:1:(?:cnt|dir|rev|rel|snp):[0-9a-f]{40}")
_HUB = re.compile(r"https?://(?:dev\.)?workflowhub\.eu/workflows/(\d+)(?:\?version=(\d+))?", re.I)
_GITHUB = re.compile(
    r"(?:git@|https?://|ssh://git@)github\.com[:/]([\w.-]+)/([\w.-]+?)(?:\.git)?/?\Z"
)


@dataclass(frozen=True)
class Record:
    """What a service holds: ``title`` and ``versions`` as it says them, ``links`` to elsewhere."""

    found: bool
    evidence: Evidence
    readable: bool = False
    title: str | None = None
    versions: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    def names(self, titles: list[str]) -> bool:
        """Tell whether it has one of the titles."""
        own = words(self.title or "")
        return bool(own) and any(words(title) == own for title in titles)

    def has_version(self, versions: list[str]) -> bool:
        """Tell whether it has one of the versions."""
        own = {bare_version(version) for version in self.versions}
        return any(bare_version(version) in own for version in versions)


def record_of(network: Network, identifier: str) -> Record:
    """Return what an identifier leads to.

    Raises:
        UnreachableError: nobody answers.
    """
    text = identifier.strip()
    doi, swhid, hub = doi_of(text), _SWHID.search(text), _HUB.match(text)
    if hub:
        return hub_record(network, hub[1])
    if swhid:
        url = f"{network.services.archive}/api/1/resolve/{swhid[0]}/"
        reply = network.ask(url)
        return Record(reply.ok, _seen(reply), reply.body is not None)
    if doi is None:
        reply = network.ask(text, "text/html, */*;q=0.5")
        return Record(reply.ok, _seen(reply), isinstance(reply.body, dict))
    url = f"{network.services.doi}/{quote(doi, safe='/')}"
    reply = network.ask(url, _CITATION)
    if reply.ok and isinstance(reply.body, dict):
        title, version = reply.get("title"), reply.get("version")
        return Record(
            True,
            _seen(reply),
            True,
            title if isinstance(title, str) else None,
            (str(version),) if isinstance(version, (str, int, float)) else (),
        )
    plain = network.ask(url, "text/html, */*;q=0.5")
    return Record(plain.ok, _seen(plain))


def hub_record(network: Network, number: str) -> Record:
    """Return a workflow of WorkflowHub (JSON:API).

    Raises:
        UnreachableError: nobody answers.
    """
    reply = network.ask(f"{network.services.hub}/workflows/{number}", "application/vnd.api+json")
    about = reply.get("data", "attributes")
    if not reply.ok or not isinstance(about, dict):
        return Record(reply.ok, _seen(reply))
    listed = about.get("versions")
    versions = [about.get("version"), about.get("revision_comments")]
    for one in listed if isinstance(listed, list) else []:
        versions += [one.get("version"), one.get("name")] if isinstance(one, dict) else []
    links = [about.get("remote"), about.get("source"), about.get("git_remote"), about.get("doi")]
    remotes = [one.get("remote") for one in listed or [] if isinstance(one, dict)]
    title = about.get("title")
    return Record(
        True,
        _seen(reply),
        True,
        title if isinstance(title, str) else None,
        tuple(str(text) for text in versions if text),
        tuple(str(text) for text in (*links, *remotes) if text),
    )


def dockstore_records(network: Network, remote: str, names: list[str]) -> Iterator[Record]:
    """Yield what Dockstore (TRS 2) holds of a repository of GitHub; ``names`` of its workflows.

    Raises:
        UnreachableError: nobody answers.
    """
    match = _GITHUB.match(remote)
    for name in names if match else []:
        assert match is not None
        path = f"#workflow/github.com/{match[1]}/{match[2]}" + (f"/{name}" if name else "")
        root = f"{network.services.dockstore}/api/ga4gh/trs/v2/tools"
        reply = network.ask(f"{root}/{quote(path, safe='')}")
        if reply.ok and isinstance(reply.body, dict):
            listed = reply.get("versions")
            versions = [v.get("name") for v in listed or [] if isinstance(v, dict)]
            known = tuple(str(version) for version in versions if version)
            yield Record(True, _seen(reply), True, str(reply.get("name")), known, (remote,))


def archived_content(network: Network, data: bytes) -> Evidence | None:
    """Return where Software Heritage holds octets, by their intrinsic identifier; None if not.

    Raises:
        UnreachableError: nobody answers.
    """
    # The identifier of contents is git's: SWHID 1.2, "Contents".
    name = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    reply = network.ask(f"{network.services.archive}/api/1/content/sha1_git:{name}/")
    return Evidence(file=reply.url, value=f"swh:1:cnt:{name}") if reply.ok else None


def archived_commit(network: Network, commit: str) -> Evidence | None:
    """Return where Software Heritage holds a commit, None if it does not.

    Raises:
        UnreachableError: nobody answers.
    """
    reply = network.ask(f"{network.services.archive}/api/1/revision/{commit}/")
    return Evidence(file=reply.url, value=f"swh:1:rev:{commit}") if reply.ok else None


_BIO_TOOLS = re.compile(r"(?:https?://(?:www\.)?bio\.tools/|biotools:)([\w.-]+)", re.I)
_BIOCONTAINER = re.compile(
    r"(?:docker://)?(?:quay\.io|depot\.galaxyproject\.org/singularity)/"
    r"(?:biocontainers/)?([\w.-]+?):"
)


def licence_of_tool(network: Network, name: str, iris: tuple[str, ...]) -> Evidence | None:
    """Return the licence that bio.tools or Anaconda (bioconda, conda-forge) know of a tool.

    Raises:
        UnreachableError: nobody answers.
    """
    for iri in iris:
        match = _BIO_TOOLS.search(iri)
        if match:
            reply = network.ask(f"{network.services.tools}/api/tool/{match[1]}?format=json")
            if reply.ok and reply.get("license"):
                return Evidence(file=reply.url, value=str(reply.get("license"))[:200])
    package = re.split(r"[=<>! ]", name.rsplit("::", 1)[-1], maxsplit=1)[0].strip().lower()
    for channel in ("bioconda", "conda-forge") if re.fullmatch(r"[\w.-]+", package) else ():
        reply = network.ask(f"{network.services.conda}/package/{channel}/{package}")
        if reply.ok and reply.get("license"):
            return Evidence(file=reply.url, value=str(reply.get("license"))[:200])
    return None


def package_of_image(image: str) -> str | None:
    """Return the conda package that an image of BioContainers is made of."""
    match = _BIOCONTAINER.match(image)
    return match[1] if match else None


def _seen(reply: Reply) -> Evidence:
    return Evidence(file=reply.url, value=f"status {reply.status}")
