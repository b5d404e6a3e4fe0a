"""Every pass, one after the other. A new one is added here."""

from __future__ import annotations

from fairwf.features import Feature
from fairwf.lower.computed_links import LinkToStep, OutputToStep
from fairwf.lower.conditions import ConditionToScatter
from fairwf.lower.contract import Pass
from fairwf.lower.demands import DemandToScatter
from fairwf.lower.drop import DROPS
from fairwf.lower.expand import EXPANSIONS
from fairwf.lower.inline import InlineSubworkflow
from fairwf.lower.instance_steps import TasksToSteps
from fairwf.lower.loops import UnrollLoop
from fairwf.lower.order import OrderToData
from fairwf.lower.packages import ToPackages
from fairwf.lower.reads import ReadToContents
from fairwf.lower.scatters import FlatToDot, LoopToSubworkflow, NestedToSubworkflow
from fairwf.lower.scripts import ScriptToCommand
from fairwf.lower.streams import StreamToArray
from fairwf.lower.while_loops import LoopToWhile
from fairwf.lower.widen import WIDENINGS

PASSES: tuple[Pass, ...] = (
    *EXPANSIONS,
    TasksToSteps(),
    DemandToScatter(),
    StreamToArray(),
    LoopToSubworkflow(),
    LoopToWhile(),
    UnrollLoop(),
    ConditionToScatter(),
    NestedToSubworkflow(),
    FlatToDot(),
    InlineSubworkflow(),
    OrderToData(),
    OutputToStep(),
    LinkToStep(Feature.SCATTER_EXPRESSION, frozenset({Feature.PURE})),
    LinkToStep(Feature.LINK_EXPRESSION),
    LinkToStep(Feature.LINK_DEFAULT),
    LinkToStep(Feature.MERGE),
    LinkToStep(Feature.PICK_VALUE),
    ReadToContents(),
    ScriptToCommand(),
    *WIDENINGS,
    ToPackages("conda", Feature.CONDA),
    ToPackages("modules", Feature.MODULES),
    ToPackages("spack", Feature.SPACK),
    *DROPS,
)
"""The passes that the planner chooses from; among those of one cost the first is taken."""
