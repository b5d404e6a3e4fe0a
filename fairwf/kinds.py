"""Kinds of documents that are known by their names or by what they hold, readable or not."""

from __future__ import annotations

import re
from collections.abc import Mapping

KINDS: Mapping[str, tuple[str, str]] = {
    ".cwl": ("cwl", "a CWL document"),
    ".wdl": ("wdl", "a WDL document"),
    ".nf": ("nextflow", "a Nextflow script"),
    ".smk": ("snakemake", "a Snakemake file"),
    "Snakefile": ("snakemake", "a Snakemake file"),
    ".ga": ("galaxy", "a Galaxy workflow"),
}
"""Kinds of documents that are known by their names, also those that no converter reads: the name
of the format, and what such a file is."""

_GALAXY = "a Galaxy workflow"
_ARGO = "an Argo workflow"
_SERVERLESS = "a Serverless Workflow"
_ARGO_API = rb"""["']?apiVersion["']?[ \t]*:[ \t]*["']?argoproj\.io/"""
_ARGO_KIND = rb"""["']?kind["']?[ \t]*:[ \t]*["']?(?:Cluster|Cron)?Workflow"""
_CONTENTS = (
    (rb'"a_galaxy_workflow"', _GALAXY),
    (rb"""(?m)^[ \t]*["']?class["']?[ \t]*:[ \t]*["']?GalaxyWorkflow\b""", _GALAXY),
    (rb"(?m)^[ \t]*" + _ARGO_API + rb"v1alpha1[\"']?,?[ \t]*\r?\n[ \t]*" + _ARGO_KIND, _ARGO),
    (rb"(?m)^[ \t]*" + _ARGO_KIND + rb"\w*[\"']?,?[ \t]*\r?\n[ \t]*" + _ARGO_API, _ARGO),
    (rb"""(?m)^[ \t]*["']?document["']?:[ \t]*\{?[ \t]*\r?\n[ \t]*["']?dsl["']?:""", _SERVERLESS),
    (rb"""(?s)\A(?=.*\bspecVersion["']?[ \t]*:)(?=.*\bstates["']?[ \t]*:)""", _SERVERLESS),
    (rb"""(?m)^[ \t]*["']?pegasus["']?[ \t]*:[ \t]*["']?\d""", "a Pegasus workflow"),
    (
        rb'(?s)\A\s*\{(?=.*"nodes"\s*:)(?=.*"edges"\s*:)(?=.*"targetPort"\s*:)',
        "a Python Workflow Definition",
    ),
)
_PATTERNS = tuple((re.compile(pattern), kind) for pattern, kind in _CONTENTS)


def kind_of_contents(head: bytes) -> str | None:
    """Return what a file is by its first octets, where no converter reads such files."""
    return next((kind for pattern, kind in _PATTERNS if pattern.search(head)), None)
