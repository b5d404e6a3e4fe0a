"""F3: metadata clearly include the identifier of the workflow that they describe."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import unquote

from fairwf.fair.detectors.identifiers import is_persistent, same_identifier
from fairwf.fair.detectors.versions import is_version
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Outcome, assessed
from fairwf.fair.reading.registries import descriptors
from fairwf.fair.subject import Subject
from fairwf.locate import CRATE_METADATA


def _metadata_names_identifier(subject: Subject) -> Outcome:
    claims = [c for c in subject.file_claims("identifier") if is_persistent(c.value)]
    if not claims:
        return assessed(0, "no metadata file holds a persistent identifier")
    first = [c.value for c in claims if c.file == claims[0].file]
    holding = {claim.file for claim in claims}
    for file in sorted(holding):
        values = [c.value for c in claims if c.file == file]
        if not any(same_identifier(a, b) for a in values for b in first):
            return assessed(0, f"{file} and {claims[0].file} hold different identifiers")
    proof = [claim.evidence() for claim in claims]
    present = {file.name for file in subject.metadata if file.fault is None}
    if holding != present:
        return assessed(1, f"not in {', '.join(sorted(present - holding))}", *proof)
    versions = [c for c in subject.file_claims("version") if is_version(c.value)]
    if versions:
        return assessed(
            3, "in all metadata files, with the version", *proof, versions[0].evidence()
        )
    return assessed(2, "no version beside the identifier", *proof)


def _main_file(subject: Subject) -> Outcome:
    assert subject.folder is not None
    top = subject.folder.resolve()
    pointers = [(c.evidence(), unquote(c.value)) for c in subject.file_claims("main_file")]
    for found in descriptors(subject.folder):
        if found.main is not None:
            pointers.append((found.evidence, found.main.lstrip("/")))
    for evidence, name in pointers:
        path = (top / name).resolve()
        if not path.is_relative_to(top):
            return assessed(0, f"{evidence.file} names {name!r:.80}, outside the folder")
        if not path.is_file():
            return assessed(0, f"{evidence.file} names {name!r:.80}, which is not there")
    if pointers:
        proof = [evidence for evidence, _ in pointers]
        digest = _digest(subject)
        if isinstance(digest, Evidence):
            return assessed(
                3, "an explicit pointer that is valid, with the checksum", digest, *proof
            )
        if digest is not None:
            return assessed(0, digest)
        return assessed(2, "the pointer has no checksum of the file", *proof)
    if subject.source.path is None or subject.document is None:
        return assessed(0, "no main workflow file")
    convention = _by_convention(subject)
    if convention is not None:
        return assessed(1, "by convention only: no machine-readable file points to it", convention)
    return assessed(0, "only who scores it says which file is the main workflow")


def _by_convention(subject: Subject) -> Evidence | None:
    """Return how a reader of the folder finds the main file, None where only a user can say it.

    It has a conventional or the repository's name, or it is the only document of its language, or
    the README names it.
    """
    path = Path(subject.name)
    if not subject.named_main:
        return Evidence(file=subject.name, value="found by its conventional name")
    remote = (subject.git.remote or "").removesuffix("/").removesuffix(".git")
    own = re.split(r"[/:]", remote)[-1].lower()
    if own and path.stem.lower() == own:
        return Evidence(file=subject.name, value="it has the repository's name")
    others = [p for p in subject.files if p.suffix == path.suffix and not _TESTS & {*p.parts[:-1]}]
    if others == [path]:
        return Evidence(file=subject.name, value="the only document of its language")
    name = re.compile(rf"(?<![\w-]){re.escape(path.name)}\b")
    for number, line in enumerate(subject.readme_lines, 1):
        if name.search(line):
            here = line.strip()[:160]
            return Evidence(file=str(subject.readme), line=number, value=here)
    return None


_TESTS = frozenset({"test", "tests", ".test", ".tests"})


def _digest(subject: Subject) -> Evidence | str | None:
    """Return where a right checksum of the main file stands, what is wrong with it, or None."""
    crate = subject.crate
    main = crate.main if crate is not None else None
    if crate is None or main is None or subject.source.path is None:
        return None
    for stated in crate.refs(main, "sha256"):
        found = hashlib.sha256(subject.source.data).hexdigest()
        if stated.lower().removeprefix("sha256:") != found:
            return f"{CRATE_METADATA} states another sha256 for {subject.name} than it has"
        return crate.at(main, "sha256")
    return None


INDICATORS = (
    Indicator(
        id="F3-1",
        question="Do the metadata hold the identifier of what they describe?",
        principle="F3",
        priority="essential",
        reads="RC",
        levels=("in one file", "in all metadata files", "with the version"),
        crosswalk=("FAIR4RS F3", "FRSM-07", "RDA-F3-01M", "FsF-F3-01M"),
        fix="Write the same identifier into every metadata file.",
        assess=_metadata_names_identifier,
    ),
    Indicator(
        id="F3-2",
        question="Do the metadata point to a main workflow file that exists?",
        principle="F3",
        priority="essential",
        reads="RC",
        levels=("by convention", "an explicit pointer", "that is valid, with the file's checksum"),
        crosswalk=("Workflow RO-Crate mainEntity", "planemo: references absent file"),
        fix="`fairwf package` writes mainEntity; .dockstore.yml names primaryDescriptorPath.",
        assess=_main_file,
        version="4",
        note=(
            "3: a file that only who scores it names (--main) is no main file by convention. 4: "
            "names such as main.wdl are not the only convention: the repository's name, the only "
            "document, or one that the README names are found as well."
        ),
    ),
)
"""In the order of the principles."""
