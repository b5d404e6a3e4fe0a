"""Who took part: the engine, the person, and the image of a container."""

from __future__ import annotations

from fairwf.ir.metadata import Agent
from fairwf.trace import SoftwareAgent
from fairwf_cwl.cwlprov.prov_json import ProvDocument, about, text, texts

_HOME = "https://github.com/common-workflow-language/cwltool"


def image(document: ProvDocument, activity: str) -> str | None:
    """Return the image that an activity ran in."""
    agents = document.nodes("agent")
    for each in about(document, "wasAssociatedWith", activity):
        node = agents.get(text(each.get("prov:agent")) or "", {})
        for name in texts(node.get("cwlprov:image")):
            return name
    return None


def engine(document: ProvDocument) -> SoftwareAgent:
    """Return the engine, by the version that it gave."""
    for node in document.nodes("agent").values():
        if "wfprov:WorkflowEngine" in texts(node.get("prov:type")):
            name, _, version = (texts(node.get("prov:label")) or ["cwltool"])[0].partition(" ")
            return SoftwareAgent(name=name or "cwltool", version=version or None, url=_HOME)
    return SoftwareAgent(name="cwltool", url=_HOME)


def person(document: ProvDocument) -> Agent | None:
    """Return who ran the workflow."""
    for identifier, node in document.nodes("agent").items():
        names = [*texts(node.get("schema:name")), *texts(node.get("foaf:name"))]
        if "prov:Person" in texts(node.get("prov:type")) and names:
            iri = document.iri(identifier)
            return Agent(name=names[0], id=iri if iri.startswith("https://orcid.org/") else None)
    return None
