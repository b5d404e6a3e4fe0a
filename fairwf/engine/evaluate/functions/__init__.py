"""The meaning of every standard function that evaluates all its arguments.

Names and signatures are :mod:`fairwf.ir.functions`'s; ``and``, ``or``, ``default`` are lazy and
``demand_path`` asks the scope, so those are the evaluator's.
"""

from collections.abc import Callable
from typing import Any

from fairwf.engine.evaluate import reading
from fairwf.engine.evaluate.functions import arrays, comparison, numbers, streams, strings
from fairwf.engine.evaluate.functions.signatures import check_arguments

IMPLEMENTATIONS: dict[str, Callable[..., Any]] = {
    **numbers.TABLE,
    **comparison.TABLE,
    **strings.TABLE,
    **arrays.TABLE,
    **streams.TABLE,
    "size": reading.size,
    "load_contents": reading.load_contents,
    "load_listing": reading.load_listing,
    "read_text": reading.read_text,
    "read_lines": reading.read_lines,
    "read_json": reading.read_json,
    "read_tsv": reading.read_tsv,
    "parse_json": reading.parse_json,
    "file_path": reading.file_path,
    "to_file": reading.to_file,
    "to_directory": reading.to_directory,
    "if_exists": reading.if_exists,
    "literal_file": reading.literal_file,
    "secondary": reading.secondary,
}

__all__ = ["IMPLEMENTATIONS", "check_arguments"]
