"""A1: workflow, metadata and components can be had by open protocols."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.indicator import Indicator
from fairwf.fair.network.assessments import retrievable
from fairwf.fair.outcome import Evidence, Outcome, assessed, not_applicable, not_assessed
from fairwf.fair.reading.components import literal
from fairwf.fair.subject import Subject

_URL = re.compile(r"https?://[^\s)>\]\"'`]+|git@[\w.-]+:[^\s]+|(?:git|ssh)://\S+")
_FORGES = re.compile(
    r"https?://(?:www\.)?(?:github\.com|gitlab\.[\w.]+|bitbucket\.org|codeberg\.org|"
    r"git\.[\w.]+|workflowhub\.eu|zenodo\.org)/\S+",
    re.I,
)
_TEMPLATE = re.compile(r"your|example|<|user(?:name)?/repo", re.I)


def _bare(url: str) -> str:
    url = re.sub(r"^(?:https?://|git@|ssh://git@|git\+https://)", "", url.strip()).replace(":", "/")
    return url.removesuffix("/").removesuffix(".git").lower()


def _source_location(subject: Subject) -> Outcome:
    stated = [c for c in subject.claims("repository") if _URL.fullmatch(c.value.strip())]
    stated = [c for c in stated if not is_placeholder(c.value) and not _TEMPLATE.search(c.value)]
    if stated:
        proof = [claim.evidence() for claim in stated]
        remote = subject.git.remote
        if len({_bare(claim.value) for claim in stated}) > 1 and remote is None:
            return assessed(2, "metadata files name different places", *proof)
        if remote is None:
            return assessed(2, "there is no git remote to compare with", *proof)
        if all(_bare(remote) != _bare(claim.value) for claim in stated):
            return assessed(2, "the metadata name another place than the git remote", *proof)
        return assessed(3, "the same place in metadata and git", *proof)
    for number, line in enumerate(subject.readme_lines, 1):
        for url in _FORGES.findall(line):
            if not _TEMPLATE.search(url) and _may_be_ours(url, subject):
                here = Evidence(file=str(subject.readme), line=number, value=url[:200])
                return assessed(1, "in the README alone", here)
    return assessed(0, "nowhere is said where the source is")


def _may_be_ours(url: str, subject: Subject) -> bool:
    """Tell whether a README's link can be to its own repository: others' are linked there too."""
    remote = subject.git.remote
    if remote is None:
        return True
    linked = re.split(r"[)\]>\"'`#?\s]", url, maxsplit=1)[0]
    return f"{_bare(linked)}/".startswith(f"{_bare(remote)}/")


_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):(?=//|[^\\/])", re.I)


def scheme(location: str) -> str | None:
    """Return the scheme of a location in small letters, None of a path."""
    match = _SCHEME.match(location)
    return match[1].lower() if match and match[1].lower() != "file" else None


def _everything_obtainable(subject: Subject) -> Outcome:
    if subject.source.path is None:
        return not_assessed("input_kind", "a document from standard input has no folder")
    referred = subject.workflow.references
    main = Evidence(file=subject.name, value="parses with everything that it includes", line=1)
    missing, outside = [], []
    base = subject.source.path.parent
    top = (subject.folder or base).resolve()
    for node in referred:
        location = unquote(str(node.location))
        if scheme(location) is not None or location.startswith("_:"):
            continue
        path = _resolved(base, location.removeprefix("file://"))
        if path is None:
            missing.append(node)
        elif not path.is_relative_to(top):
            outside.append(node)
    if missing:
        where = subject.at(missing[0], f"{missing[0].location} is not there")
        return assessed(1, f"{len(missing)} of {len(referred)} files are not there", main, where)
    if outside:
        where = subject.at(outside[0], f"{outside[0].location} is outside the folder")
        return assessed(2, f"{len(outside)} files lie outside the repository", main, where)
    shown = [subject.at(node, f"{_shown(node.location)} is there") for node in referred[:5]]
    return assessed(3, "all that it refers to is in the repository or has an IRI", main, *shown)


def _resolved(base: Path, location: str) -> Path | None:
    try:
        path = (base / location).resolve()
        return path if path.exists() else None
    except (OSError, ValueError):
        return None  # a name that no file system takes


def _shown(location: str | None) -> str:
    return str(location).rsplit("/", 1)[-1]


_OPEN = frozenset({"http", "https", "ftp", "ftps", "sftp", "git", "oras", "docker", "s3", "ipfs"})
_SECURE = frozenset({"https", "git", "oras", "docker", "s3", "sftp", "ftps"})


def _open_protocols(subject: Subject) -> Outcome:
    found: list[tuple[str, Evidence]] = []
    short: list[str] = []
    for node in subject.workflow.references:
        kind = scheme(str(node.location))
        if kind is not None:
            found.append((kind, subject.at(node, str(node.location))))
    for task in subject.workflow.tasks:
        for environment in subject.workflow.environments(task):
            image = literal(environment.container.image) if environment.container else None
            if image:
                host, slash, _ = image.rpartition("://")[2].partition("/")
                if not (slash and re.search(r"[.:]|^localhost$", host)):
                    short.append(image)
                kind = image.partition("://")[0].lower() if "://" in image else "docker"
                found.append((kind, subject.at(task, f"container {image}")))
            for package in environment.packages:
                for spec in package.specs:
                    kind = "https" if "identifiers.org" in spec else (scheme(spec) or "none")
                    found.append((kind, subject.at(task, spec)))
    if not found:
        return not_applicable("the workflow names nothing outside its folder")
    proof = [evidence for kind, evidence in found if kind in _OPEN]
    closed = [kind for kind, _ in found if kind not in _OPEN]
    share = len(proof) / len(found)
    if share < 0.8:
        return assessed(0, f"{len(closed)} of {len(found)} references by {', '.join(set(closed))}")
    if closed:
        return assessed(1, f"{len(closed)} of {len(found)} references by {closed[0]}", *proof)
    if any(kind not in _SECURE for kind, _ in found):
        return assessed(2, "some references are not protected on their way", *proof)
    if short:
        reason = f"{short[0]!r:.80} names no registry: where it comes from is the engine's choice"
        return assessed(2, reason, *proof)
    return assessed(3, "all references by open and protected protocols", *proof)


_PUBLIC_HOSTS = re.compile(
    r"(?:(?:docker\.io|registry-1\.docker\.io|quay\.io|ghcr\.io|gcr\.io|[\w.-]*mcr\.microsoft\.com|"
    r"public\.ecr\.aws|nvcr\.io|community\.wave\.seqera\.io|depot\.galaxyproject\.org|"
    r"registry\.gitlab\.com|biocontainers\.pro|us\.gcr\.io|rocker|registry\.access\.redhat\.com)/)",
    re.I,
)
_ACCESS = re.compile(
    r"\b(?:access (?:is|to|conditions?|requires?)|permission|credentials?|log ?in|"
    r"(?:requires?|needs?) (?:an )?account|restricted|on request)\b",
    re.I,
)


def _restricted(subject: Subject) -> list[Evidence]:
    found = []
    for task in subject.workflow.tasks:
        for environment in subject.workflow.environments(task):
            image = literal(environment.container.image) if environment.container else None
            host = (
                image.removeprefix("docker://").split("/", 1)[0] if image and "/" in image else ""
            )
            named = "." in host or ":" in host
            if image and named and not _PUBLIC_HOSTS.match(image.removeprefix("docker://")):
                found.append(subject.at(task, f"container {image}"))
    for node in subject.workflow.references:
        kind = scheme(str(node.location))
        if kind is not None and kind not in _OPEN:
            found.append(subject.at(node, str(node.location)))
    return found


def _access_conditions(subject: Subject) -> Outcome:
    restricted = _restricted(subject)
    if not restricted:
        return not_applicable("nothing that it refers to is known to be restricted")
    stated = [c for c in subject.claims("access") if not is_placeholder(c.value)]
    if stated:
        proof = [claim.evidence() for claim in stated]
        if any(re.search(r"@|https?://", claim.value) for claim in stated):
            return assessed(3, "conditions of access, with whom to ask", *proof)
        return assessed(2, "the conditions name nobody to ask", *proof)
    for number, line in enumerate(subject.readme_lines, 1):
        if _ACCESS.search(line) and not is_placeholder(line):
            here = Evidence(file=str(subject.readme), line=number, value=line.strip()[:200])
            return assessed(1, "in the README alone", here)
    return assessed(0, f"{restricted[0].value} is not public, and nothing says who may have it")


INDICATORS = (
    Indicator(
        id="A1-1",
        question="Is the source's location declared with an open scheme?",
        principle="A1",
        priority="essential",
        reads="RC",
        levels=("in the README", "in a machine-readable field", "that equals the git remote"),
        crosswalk=("FAIR4RS A1", "FRSM-09-1", "RDA-A1-01M"),
        fix="Write repository-code into CITATION.cff.",
        assess=_source_location,
        version="2",
        note="2: where git knows the remote, a README's link to another project counts no more.",
    ),
    Indicator(
        id="A1-2",
        question="Can it be retrieved by its identifier?",
        principle="A1",
        priority="important",
        reads="N",
        levels=("the address answers", "with this content", "with this checksum"),
        crosswalk=("RDA-A1-03D", "RDA-A1-04D", "FsF-A1-02MD"),
        fix="Mend the link.",
        assess=retrievable,
    ),
    Indicator(
        id="A1-3",
        question="Can everything that the workflow refers to be had?",
        principle="A1",
        priority="essential",
        reads="WR",
        levels=("the main file is complete", "all local references exist", "inside the repository"),
        crosswalk=("WCI A1", "planemo: absent file"),
        fix="Put the missing files into the repository or name them by IRI.",
        assess=_everything_obtainable,
        source="ir",
        needs_workflow=True,
    ),
    Indicator(
        id="A1.1-1",
        question="Do all references use open protocols?",
        principle="A1.1",
        priority="important",
        reads="WRC",
        levels=(
            "four of five",
            "all",
            "all protected on their way (https, git, oras), images with their registry",
        ),
        crosswalk=("FAIR4RS A1.1", "RDA-A1.1-01M", "FsF-A1.1-01MD"),
        fix="Name data by https, containers by a public registry.",
        assess=_open_protocols,
        source="ir",
        needs_workflow=True,
        version="3",
        note=(
            "2: images are followed as in R1-2. 3: an image without a registry's name is no "
            "address: engines complete it each in their own way."
        ),
    ),
    Indicator(
        id="A1.2-1",
        question="Are the conditions of access stated where something is restricted?",
        principle="A1.2",
        priority="useful",
        reads="WRC",
        levels=("in a text", "in a machine-readable field", "with whom to ask"),
        crosswalk=("WCI A1.2", "RDA-A1.2-01D", "FsF-A1.2-01MD"),
        fix="Add conditionsOfAccess to codemeta.json or the crate.",
        assess=_access_conditions,
        source="ir",
        needs_workflow=True,
    ),
)
"""In the order of the principles."""
