"""F: identifiers, versions, descriptions, metadata files, creators."""

from __future__ import annotations

from fairwf.fair.claims import Claim, is_version
from fairwf.fair.identifiers import is_orcid, is_persistent, names_itself, same_identifier
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Outcome, assessed
from fairwf.fair.placeholders import is_placeholder, meaningful_words, words
from fairwf.fair.subject import Subject


def _persistent_identifier(subject: Subject) -> Outcome:
    stated = subject.claims("identifier")
    real = [claim for claim in stated if is_persistent(claim.value)]
    if real:
        proof = [claim.evidence() for claim in real]
        stray = [c for c in real if not same_identifier(c.value, real[0].value)]
        per_file = {claim.file for claim in real}
        if stray and len({c.file for c in stray} | {real[0].file}) > 1 and len(per_file) > 1:
            return assessed(2, "files name different identifiers", *proof)
        return assessed(3, "a persistent identifier in machine-readable metadata", *proof)
    for number, line in enumerate(_readme_lines(subject), 1):
        for word in line.replace("(", " ").replace(")", " ").replace("]", " ").split():
            if names_itself(word.strip(".,;<>`")):
                proof_line = Evidence(file=str(subject.readme), line=number, value=word)
                return assessed(2, "a persistent identifier in the README alone", proof_line)
    if stated:
        return assessed(0, f"{stated[0].value!r:.60} is a template, or no persistent identifier")
    return assessed(0, "no identifier is stated")


def _readme_lines(subject: Subject) -> list[str]:
    return subject.text(subject.readme).splitlines() if subject.readme else []


def _version(subject: Subject) -> Outcome:
    stated = [c for c in subject.claims("version") if not is_placeholder(c.value)]
    valid = [claim for claim in stated if is_version(claim.value)]
    proof = [claim.evidence() for claim in stated]
    values = {claim.value.lstrip("v") for claim in valid}
    if len(values) > 1:
        text = "files contradict each other: " + ", ".join(sorted(values))
        return assessed(0, text)
    if valid:
        return assessed(3, "a version of a known scheme in machine-readable metadata", *proof)
    tags = [tag for tag in subject.git_tags if is_version(tag)]
    if tags:
        return assessed(2, "a git tag", Evidence(file=".git", value=tags[-1]))
    if stated:
        return assessed(1, "the version follows no known scheme", *proof)
    return assessed(0, "no version is stated")


def _description(subject: Subject) -> Outcome:
    titles = [c for c in subject.claims("title") if meaningful_words(c.value) >= 1]
    title = titles[0].value if titles else ""
    descriptions = [
        c
        for c in subject.claims("description")
        if not is_placeholder(c.value) and words(c.value) != words(title)
    ]
    longest = max(descriptions, key=lambda c: meaningful_words(c.value), default=None)
    if not titles and longest is None:
        return assessed(0, "neither title nor description, or only template text")
    if longest is None or meaningful_words(longest.value) < 14 or len(words(longest.value)) < 20:
        shown = [claim.evidence() for claim in [*titles[:1], *descriptions[:1]]]
        return assessed(1, "no description of 20 words or more", *shown)
    proof = [claim.evidence() for claim in [*titles[:1], longest]]
    said = set(words(longest.value))
    takes = said & {"input", "inputs", "takes", "reads", "from", "given", "data", "files"}
    gives = said & {
        "output",
        "outputs",
        "produces",
        "gives",
        "writes",
        "results",
        "report",
        "table",
    }
    if takes and gives:
        return assessed(3, "title, and a description that says what goes in and comes out", *proof)
    return assessed(2, "the description does not say what goes in and what comes out", *proof)


def _metadata_file(subject: Subject) -> Outcome:
    readable = [file for file in subject.metadata if file.fault is None]
    if not subject.metadata:
        return assessed(0, "no CITATION.cff, codemeta.json, ro-crate-metadata.json or .zenodo.json")
    if not readable:
        broken = subject.metadata[0]
        return assessed(0, f"{broken.name} cannot be read: {broken.fault}")
    valid = [file for file in readable if not _schema_faults(file.name, file.tree)]
    proof = [Evidence(file=file.name, value="parses") for file in readable]
    if not valid:
        fault = _schema_faults(readable[0].name, readable[0].tree)[0]
        return assessed(1, f"{readable[0].name}: {fault}", *proof)
    titles = {
        " ".join(words(claim.value))
        for file in valid
        for claim in file.claims
        if claim.kind == "title" and not is_placeholder(claim.value)
    }
    if len(valid) < 2:
        return assessed(2, "only one valid metadata file", *proof)
    if len(titles) > 1:
        return assessed(2, "the files name the workflow differently", *proof)
    return assessed(3, "valid metadata files that agree", *proof)


_REQUIRED = {
    "CITATION.cff": ("cff-version", "message", "title", "authors"),
    "codemeta.json": ("@context", "name"),
    "ro-crate-metadata.json": ("@context", "@graph"),
    ".zenodo.json": ("title", "creators"),
}


def _schema_faults(name: str, tree: dict[str, object]) -> list[str]:
    """Return what a metadata file lacks of what its format requires."""
    missing = [key for key in _REQUIRED[name] if key not in tree]
    hollow = [key for key in _REQUIRED[name] if key in tree and tree[key] in ("", [], None, {})]
    return [f"{key} is missing" for key in missing] + [f"{key} is empty" for key in hollow]


def _creators(subject: Subject) -> Outcome:
    named = [c for c in subject.claims("creator") if not is_placeholder(c.value)]
    if not named:
        return assessed(0, "nobody is named as creator")
    proof = [claim.evidence() for claim in named]
    orcids = subject.claims("orcid")
    wrong = [claim for claim in orcids if not is_orcid(claim.value)]
    if wrong:
        return assessed(0, f"{wrong[0].value!r:.60} is no ORCID iD (check digit)")
    shared = _shared_orcid(orcids)
    if shared:
        return assessed(0, f"{shared} is given to several people in {orcids[0].file}")
    if not orcids:
        return assessed(1, "no ORCID iD", *proof)
    proof += [claim.evidence() for claim in orcids]
    owners = {(c.file, c.about) for c in orcids}
    placed = {(c.file, c.about) for c in subject.claims("affiliation")}
    people = {(claim.file, claim.about) for claim in named}
    if people <= owners and people <= placed:
        return assessed(3, "all creators with ORCID iD and affiliation", *proof)
    return assessed(2, "not all creators have an ORCID iD and an affiliation", *proof)


def _shared_orcid(orcids: list[Claim]) -> str | None:
    seen: dict[tuple[str, str], str] = {}
    for claim in orcids:
        key = (claim.file, claim.value.rsplit("/", 1)[-1].upper())
        if seen.setdefault(key, claim.about) != claim.about:
            return claim.value
    return None


def _language(subject: Subject) -> Outcome:
    if subject.document is None:
        return assessed(0, "the language cannot be told: the workflow cannot be read")
    name = subject.document.format or "unknown"
    engines = [c for c in subject.file_claims("engine_version") if not is_placeholder(c.value)]
    languages = [c for c in subject.file_claims("language") if not is_placeholder(c.value)]
    proof = [Evidence(file=subject.name, value=f"language: {name}", line=1)]
    stated = _stated_version(subject)
    if stated:
        proof.append(stated)
    if languages and engines:
        both = [languages[0].evidence(), engines[0].evidence()]
        return assessed(3, "language and version, also in machine metadata", *proof, *both)
    if stated:
        return assessed(2, "not in machine-readable metadata beside the workflow", *proof)
    return assessed(1, "the version of the language or engine is not stated", *proof)


def _stated_version(subject: Subject) -> Evidence | None:
    text = subject.source.head.decode("utf-8", "replace")
    for key in ("cwlVersion", "schemaVersion", "fairwf_ir"):
        for number, line in enumerate(text.splitlines(), 1):
            if key in line and any(character.isdigit() for character in line):
                return Evidence(file=subject.name, line=number, value=line.strip()[:80])
    return None


def _metadata_names_identifier(subject: Subject) -> Outcome:
    claims = [c for c in subject.file_claims("identifier") if is_persistent(c.value)]
    if not claims:
        return assessed(0, "no metadata file holds a persistent identifier")
    proof = [claim.evidence() for claim in claims]
    holding = {claim.file for claim in claims}
    present = {file.name for file in subject.metadata if file.fault is None}
    first = next(iter(claims))
    common = all(
        any(same_identifier(c.value, first.value) for c in claims if c.file == file)
        for file in holding
    )
    if holding != present:
        return assessed(1, f"not in {', '.join(sorted(present - holding))}", *proof)
    if not common:
        return assessed(0, "metadata files hold different identifiers")
    if subject.file_claims("version"):
        version = subject.file_claims("version")[0].evidence()
        return assessed(3, "in all metadata files, with the version", *proof, version)
    return assessed(2, "no version beside the identifier", *proof)


def _main_file(subject: Subject) -> Outcome:
    claims = subject.file_claims("main_file")
    assert subject.folder is not None
    for claim in claims:
        path = (subject.folder / claim.value).resolve()
        inside = path.is_relative_to(subject.folder.resolve())
        if inside and path.is_file():
            return assessed(3, "an explicit pointer that is valid", claim.evidence())
        return assessed(0, f"{claim.file} names {claim.value!r:.80}, which is not there")
    if subject.source.path is not None and subject.document is not None:
        found = Evidence(file=subject.name, value="found by its conventional name")
        return assessed(1, "by convention only: no file points to it", found)
    return assessed(0, "no main workflow file")


INDICATORS = (
    Indicator(
        id="F1-1",
        question="Does the workflow declare a persistent identifier?",
        principle="F1",
        priority="essential",
        reads="RC",
        levels=(
            "any globally unique identifier",
            "a persistent identifier (DOI, Handle, ARK, w3id, SWHID)",
            "in a machine-readable field, with the same value everywhere",
        ),
        crosswalk=("FRSM-01", "RDA-F1-01M", "FsF-F1-02MD", "RSFC-01"),
        fix="Reserve a DOI (Zenodo, WorkflowHub) and write it into CITATION.cff and the crate.",
        assess=_persistent_identifier,
    ),
    Indicator(
        id="F1.2-1",
        question="Is the version declared?",
        principle="F1.2",
        priority="essential",
        reads="WRC",
        levels=("a tag or text", "of a known scheme", "in machine-readable metadata"),
        crosswalk=("FRSM-03-1", "RSFC-03"),
        fix="Write `version` into CITATION.cff and codemeta.json, and tag the release.",
        assess=_version,
    ),
    Indicator(
        id="F2-1",
        question="Are there a title and a meaningful description?",
        principle="F2",
        priority="essential",
        reads="WRC",
        levels=(
            "a title",
            "and a description of 20 words",
            "and it says what goes in and comes out",
        ),
        crosswalk=("FRSM-04-1", "RDA-F2-01M", "FsF-F2-01M"),
        fix="Describe the purpose, the inputs and the outputs in `doc` or the abstract.",
        assess=_description,
    ),
    Indicator(
        id="F2-2",
        question="Is there a machine-readable metadata file, and is it valid?",
        principle="F2",
        priority="essential",
        reads="RC",
        levels=("exists and parses", "has all that its format requires", "two that agree"),
        crosswalk=("FRSM-04-3", "RSFC-04", "howfairis citation"),
        fix="Add CITATION.cff and codemeta.json.",
        assess=_metadata_file,
    ),
    Indicator(
        id="F2-3",
        question="Are the creators named and identified?",
        principle="F2",
        priority="essential",
        reads="WRC",
        levels=("a name", "a valid ORCID iD, none shared", "all with ORCID iD and affiliation"),
        crosswalk=("FRSM-06", "RSFC-06"),
        fix="Name the creators with their ORCID iDs in CITATION.cff.",
        assess=_creators,
    ),
    Indicator(
        id="F2-5",
        question="Are the language and the engine's version stated?",
        principle="F2",
        priority="essential",
        reads="WRC",
        levels=("the language", "and its version", "and both in machine-readable metadata"),
        crosswalk=("FRSM-04-2",),
        fix="State programmingLanguage and runtimePlatform in codemeta.json or the crate.",
        assess=_language,
        source="format",
    ),
    Indicator(
        id="F3-1",
        question="Do the metadata hold the identifier of what they describe?",
        principle="F3",
        priority="essential",
        reads="RC",
        levels=("in one file", "in all metadata files", "with the version"),
        crosswalk=("FRSM-07", "RDA-F3-01M", "FsF-F3-01M"),
        fix="Write the same identifier into every metadata file.",
        assess=_metadata_names_identifier,
    ),
    Indicator(
        id="F3-2",
        question="Do the metadata point to a main workflow file that exists?",
        principle="F3",
        priority="essential",
        reads="RC",
        levels=("by convention", "an explicit pointer", "that is valid"),
        crosswalk=("Workflow RO-Crate mainEntity",),
        fix="Package the workflow: `fairwf package` writes mainEntity.",
        assess=_main_file,
    ),
)
"""In the order of the principles."""
