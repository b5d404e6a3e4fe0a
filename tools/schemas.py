"""Write the published JSON Schemas into schemas/ (``make schemas``); a test fails on drift."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fairwf.cli.outputs import output_schemas
from fairwf.document import file_schema
from fairwf.ir.schema import schema_of
from fairwf.trace import Run

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"


def _run() -> dict[str, Any]:
    from fairwf.ir.codec import Root
    from fairwf.ir.expressions import Expr
    from fairwf.ir.types import Type
    from fairwf.ir.workflow import Process

    types = {"Run": Run, "Root": Root, "Process": Process, "Expr": Expr, "Type": Type}
    return schema_of(types, "run.schema.json", "fairwf run record", "Run")


def generated() -> dict[str, str]:
    """Return the text of every schema by file name."""
    makers: Mapping[str, Callable[[], dict[str, Any]]] = {
        "ir.schema.json": file_schema,
        "run.schema.json": _run,
    }
    schemas = {name: make() for name, make in makers.items()} | output_schemas()
    return {
        name: json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        for name, schema in schemas.items()
    }


def main() -> int:
    """Write every schema; return 0."""
    SCHEMAS.mkdir(exist_ok=True)
    for name, text in generated().items():
        (SCHEMAS / name).write_text(text, encoding="utf-8")
        print(SCHEMAS / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
