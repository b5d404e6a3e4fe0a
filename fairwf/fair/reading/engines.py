"""Commands of workflow engines, linters and test runners, as they stand in texts and CI files."""

from __future__ import annotations

import re

ENGINES = re.compile(
    r"\b(?:fairwf (?:run|rerun)|cwltool|cwl-runner|toil-cwl-runner|snakemake|"
    r"nextflow(?: -\S+)* run|miniwdl run|cromwell(?:[-\w.]*\.jar)? (?:run|submit)|planemo run|"
    r"arvados-cwl-runner|streamflow run|sprocket run|caper (?:run|submit|hpc submit)|"
    r"dxCompiler\S* compile|dockstore (?:workflow|tool) launch)\b"
)
"""Starting an engine."""

LINTERS = re.compile(
    r"\b(?:fairwf (?:validate|score|convert)|cwltool --validate|snakemake --lint|"
    r"nf-core (?:\S+ )?lint|miniwdl check|womtool(?:[-\w.]*\.jar)? validate|"
    r"planemo (?:\S+ )?lint|gxwf-lint|schema-salad-tool|sprocket (?:check|lint)|"
    r"sprocket-action|womtool-action|broadinstitute/womtool)\b",
    re.I,
)
"""Checking a workflow without running it."""

TESTS = re.compile(
    r"\b(?:cwltest|planemo (?:\S+ )?test|nf-test|pytest|tox|nox|make (?:test|check|demo)|"
    r"snakemake\b.*(?:--directory \.tests?|\.test)|nextflow(?: -\S+)* run\b.*-profile \S*test|"
    r"(?:pytest-)?workflow-test|pytest-workflow|caper run|miniwdl run_self_test|"
    r"fairwf run|fairwf rerun)"
)
"""Running a test."""
