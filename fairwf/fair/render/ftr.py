"""A scorecard as FAIR Test Results (OSTrails, https://w3id.org/ftr) in JSON-LD.

The published context spells SIO's IRIs with ``https``, the published SHACL shapes with ``http``:
the context here is our own, and what a test implements is said in both spellings.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

import msgspec

from fairwf.fair.score import Finding, Scorecard

_CONTEXT: dict[str, Any] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "ftr": "https://w3id.org/ftr#",
    "prov": "http://www.w3.org/ns/prov#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "sio": "http://semanticscience.org/resource/",
    "sios": "https://semanticscience.org/resource/",
    "identifier": "dcterms:identifier",
    "title": "dcterms:title",
    "description": "dcterms:description",
    "version": "dcat:version",
    "value": "prov:value",
    "log": "ftr:log",
    "completion": "ftr:completion",
    "license": {"@id": "dcterms:license", "@type": "@id"},
    "creator": {"@id": "dcterms:creator", "@type": "@id"},
    "contactPoint": {"@id": "dcat:contactPoint", "@type": "@id"},
    "hadMember": {"@id": "prov:hadMember", "@type": "@id"},
    "assessmentTarget": {"@id": "ftr:assessmentTarget", "@type": "@id"},
    "outputFromTest": {"@id": "ftr:outputFromTest", "@type": "@id"},
    "wasGeneratedBy": {"@id": "prov:wasGeneratedBy", "@type": "@id"},
    "wasAssociatedWith": {"@id": "prov:wasAssociatedWith", "@type": "@id"},
    "used": {"@id": "prov:used", "@type": "@id"},
    "inDimension": {"@id": "dqv:inDimension", "@type": "@id"},
    "name": "vcard:organization-name",
}
_LICENCE = "https://spdx.org/licenses/Apache-2.0"
_RESULTS_LICENCE = "https://spdx.org/licenses/CC0-1.0"
_CREATOR = "urn:fairwf:developers"


def as_ftr(card: Scorecard) -> str:
    """Return the scorecard as JSON-LD text: the same for the same scorecard, byte for byte.

    The value of a result is ``pass`` at level 3, ``fail`` below, ``indeterminate`` where it was not
    assessed or does not apply; ``completion`` is the level in percent of 3.
    """
    key = hashlib.sha256(msgspec.json.encode(card)).hexdigest()

    def name(part: str) -> str:
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{key}/{part}')}"

    target, activity = name("target"), name("activity")
    results = [_result(card, finding, name(finding.id), target) for finding in card.findings]
    graph: list[dict[str, Any]] = [
        {
            "@id": name("set"),
            "@type": ["ftr:TestResultSet", "prov:Collection"],
            "identifier": name("set"),
            "title": f"FAIRness of {card.source}",
            "description": f"score {card.score.value} of 100, maturity {card.level}",
            "license": _RESULTS_LICENCE,
            "assessmentTarget": target,
            "wasGeneratedBy": activity,
            "hadMember": [result["@id"] for result in results],
        },
        {
            "@id": activity,
            "@type": ["ftr:TestExecutionActivity", "prov:Activity"],
            "used": target,
            "wasAssociatedWith": "urn:fairwf:score",
        },
        {
            "@id": "urn:fairwf:score",
            "@type": "prov:SoftwareAgent",
            "title": "fairwf score",
            "version": card.fairwf_version,
            "creator": _CREATOR,
        },
        {"@id": target, "@type": "prov:Entity", "identifier": card.source},
        {"@id": _CREATOR, "@type": "vcard:Organization", "name": "The fairwf developers"},
        *results,
        *(part for finding in card.findings for part in _test(finding)),
    ]
    return json.dumps({"@context": _CONTEXT, "@graph": graph}, indent=1, ensure_ascii=False)


def _result(card: Scorecard, finding: Finding, name: str, target: str) -> dict[str, Any]:
    outcome = finding.outcome
    result: dict[str, Any] = {
        "@id": name,
        "@type": ["ftr:TestResult", "prov:Entity"],
        "identifier": name,
        "title": f"{finding.id} of {card.source}",
        "description": finding.question,
        "license": _RESULTS_LICENCE,
        "assessmentTarget": target,
        "outputFromTest": _test_id(finding),
        "value": "indeterminate",
        "log": _log(finding),
    }
    if outcome.level is not None:
        result["value"] = "pass" if outcome.level == 3 else "fail"
        result["completion"] = round(100 * outcome.level / 3)
    return result


def _log(finding: Finding) -> str:
    outcome = finding.outcome
    head = f"level {outcome.level} of 3" if outcome.level is not None else outcome.status
    if outcome.why_not is not None:
        head += f" ({outcome.why_not})"
    lines = [f"{head}: {outcome.reason}"]
    for item in outcome.evidence:
        place = f"{item.file}:{item.line}" if item.line else item.file
        lines.append(f"{place}: {item.value}")
    if outcome.level != 3:
        lines.append(f"to do: {finding.fix}")
    return "\n".join(lines)


def _test_id(finding: Finding) -> str:
    return f"urn:fairwf:test:{finding.id}:{finding.rule_version}"


def _test(finding: Finding) -> list[dict[str, Any]]:
    metric = f"urn:fairwf:metric:{finding.id}"
    levels = "; ".join(f"{n}: {text}" for n, text in enumerate(finding.levels, 1))
    return [
        {
            "@id": _test_id(finding),
            "@type": "ftr:Test",
            "identifier": _test_id(finding),
            "title": finding.question,
            "description": f"{finding.priority}; levels: {levels}",
            "license": _LICENCE,
            "version": finding.rule_version,
            "creator": _CREATOR,
            "contactPoint": _CREATOR,
            "sio:SIO_000233": {"@id": metric},
            "sios:SIO_000233": {"@id": metric},
        },
        {
            "@id": metric,
            "@type": ["dqv:Metric", "ftr:Metric"],
            "identifier": metric,
            "title": finding.question,
            "description": f"Compare: {', '.join(finding.crosswalk)}",
        },
    ]
