"""A scorecard as JUnit XML: a test case an indicator, a suite a principle."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from fairwf.fair.indicator import PRINCIPLES
from fairwf.fair.outcome import Evidence
from fairwf.fair.score import Finding, Scorecard

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-�\U00010000-\U0010ffff]")


def as_junit(card: Scorecard) -> str:
    """Return the scorecard as JUnit XML text.

    Level 0 is a failure; what is not assessed or does not apply is skipped, with the reason.
    """
    top = ElementTree.Element("testsuites", name=_xml(f"FAIRness of {card.source}"))
    for letter, name in PRINCIPLES.items():
        findings = [f for f in card.findings if f.principle.startswith(letter)]
        failed = [f for f in findings if f.outcome.level == 0]
        skipped = [f for f in findings if f.outcome.level is None]
        suite = ElementTree.SubElement(
            top,
            "testsuite",
            name=name,
            tests=str(len(findings)),
            failures=str(len(failed)),
            errors="0",
            skipped=str(len(skipped)),
        )
        for finding in findings:
            _case(suite, finding)
    ElementTree.indent(top)
    text = ElementTree.tostring(top, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'


def _case(suite: ElementTree.Element, finding: Finding) -> None:
    outcome = finding.outcome
    name = f"{finding.id} {finding.question}"
    case = ElementTree.SubElement(
        suite, "testcase", name=_xml(name), classname=f"fair.{finding.principle}", time="0"
    )
    reason = _xml(outcome.reason or "")
    if outcome.level is None:
        why = outcome.why_not or outcome.status
        ElementTree.SubElement(case, "skipped", message=f"{why}: {reason}")
    elif outcome.level == 0:
        failure = ElementTree.SubElement(case, "failure", message=reason, type=finding.priority)
        failure.text = _xml(finding.fix)
    else:
        proof = "\n".join(_line(item) for item in outcome.evidence)
        said = ElementTree.SubElement(case, "system-out")
        said.text = _xml(f"level {outcome.level} of 3: {reason}\n{proof}")


def _line(item: Evidence) -> str:
    place = f"{item.file}:{item.line}" if item.line else item.file
    return f"{place}: {item.value}"


def _xml(text: str) -> str:
    """Return a text without what XML 1.0 cannot say (section 2.2, Char)."""
    return _NO_XML.sub("�", text)
