"""Tool wrappers, Galaxy's XML: what a tool step runs, where a folder with its wrapper is given.

The state of a step settles most of the Cheetah template: it is evaluated here, in parts. Nothing of
a wrapper is executed.
"""

from __future__ import annotations

from fairwf_galaxy.wrappers.failures import WrapperError
from fairwf_galaxy.wrappers.library import Library
from fairwf_galaxy.wrappers.script import StepFacts, script_of

__all__ = ["Library", "StepFacts", "WrapperError", "script_of"]
