"""Values of a workflow's inputs as a configuration file for ``snakemake --configfile``."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from fairwf.document import Document
from fairwf.ir.values import Value
from fairwf_snakemake.writing.config import value_of


def write_inputs(document: Document, values: Mapping[str, Value]) -> bytes:
    """Return a configuration file; files are their paths."""
    said = {name: value_of(value) for name, value in values.items()}
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True).encode()
