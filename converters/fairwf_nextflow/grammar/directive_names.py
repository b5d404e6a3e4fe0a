"""The names of directives (Nextflow documentation, "Process directives")."""

from __future__ import annotations

KEPT = frozenset({"publishDir", "label", "tag", "beforeScript", "afterScript", "scratch", "queue"})
"""Directives that are kept as they are written."""
OF_RUNS = frozenset(
    {"executor", "maxForks", "storeDir", "stageInMode", "stageOutMode", "clusterOptions",
     "containerOptions", "echo", "fair", "penv", "pod", "cache", "array", "resourceLabels",
     "maxErrors", "maxSubmitAwait", "arch", "machineType", "secret", "shell", "spack",
     "resourceLimits", "validExitStatus", "ext"}
)  # fmt: skip
"""Directives that tell how tasks are run, not what they do."""
READ = frozenset(
    {"cpus", "memory", "time", "disk", "accelerator", "container", "conda", "module", "debug",
     "errorStrategy", "maxRetries", "dynamic"}
)  # fmt: skip
"""Directives whose meaning is read."""
DIRECTIVES = KEPT | OF_RUNS | READ
"""All that Nextflow has."""
