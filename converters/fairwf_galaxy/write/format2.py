"""gxformat2, made of the native form by gxformat2 itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairwf.report import EnvironmentFault
from fairwf.source import plain
from fairwf_galaxy.write.yaml_text import yaml_text

FORMAT2 = "gxformat2"
"""The version of the format that is asked for."""


def format2_text(tree: dict[str, Any]) -> bytes:
    """Return the text of a native workflow in gxformat2.

    Raises:
        EnvironmentFault: gxformat2 is not installed.
    """
    return yaml_text(format2_tree(tree))


def format2_tree(tree: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a native workflow in gxformat2.

    Raises:
        EnvironmentFault: gxformat2 is not installed.
    """
    made: dict[str, Any] = plain(_conversion()(tree))
    return made


def _conversion() -> Callable[[dict[str, Any]], Any]:
    try:
        from gxformat2.export import from_galaxy_native
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("gxformat2"):
            raise
        hint = "pip install 'fairwf[galaxy]'"
        text = "gxformat2 documents need the package gxformat2"
        raise EnvironmentFault.of("FWF9002", text, hint=hint) from None
    conversion: Callable[[dict[str, Any]], Any] = from_galaxy_native
    return conversion
