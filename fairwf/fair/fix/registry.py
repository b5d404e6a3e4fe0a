""".dockstore.yml 1.2: a new one."""

from __future__ import annotations

import json

from fairwf.fair.reading.examples import test_inputs
from fairwf.fair.subject import Subject

_SUBCLASSES = {"cwl": "CWL", "wdl": "WDL", "nextflow": "NFL", "galaxy": "GALAXY"}


def dockstore(subject: Subject) -> str | None:
    """Return the text of a new .dockstore.yml, None for languages that Dockstore does not know."""
    format_ = subject.document.format if subject.document is not None else None
    subclass = _SUBCLASSES.get(format_ or "")
    if subclass is None:
        return None
    lines = [
        "version: 1.2",
        "workflows:",
        f"  - subclass: {subclass}",
        f"    primaryDescriptorPath: {json.dumps('/' + subject.name, ensure_ascii=False)}",
    ]
    tests = [example.path.as_posix() for example in test_inputs(subject)]
    if tests:
        lines.append("    testParameterFiles:")
        lines += [f"      - {json.dumps('/' + path, ensure_ascii=False)}" for path in sorted(tests)]
    return "\n".join(lines) + "\n"
