"""What the law is tested on: made-up targets, and every format with a reader and a writer.

A new writer needs no entry: it is found by the registry. One that cannot take every name or style
gets a line in ``LIMITS``.
"""

from __future__ import annotations

from dataclasses import dataclass

from fairwf.features import Capabilities, Feature
from fairwf.formats import Converter, converters
from fairwf.ir.functions import FUNCTIONS

F = Feature
ALL = frozenset(Feature)

NOT_IN_CWL = frozenset(
    {F.CANCEL, F.STREAM, F.DEMAND, F.LOOP, F.HANDLER, F.APPROVAL, F.WAIT, F.ORDER, F.MAP, F.BYTES,
     F.CONDA, F.MODULES, F.SPACK, F.RETRY, F.SEED, F.GPU, F.MPI, F.VOLUME, F.LICENSES, F.INSTANCE,
     F.OUTPUT_EXPRESSION, F.SCATTER_EXPRESSION, F.SHARED_MEMORY}
)  # fmt: skip
LEFT_OUT = frozenset(
    {F.CANCEL, F.HANDLER, F.APPROVAL, F.WAIT, F.STREAMABLE, F.FILE_FORMAT, F.SECONDARY_FILES,
     F.STAGING, F.STANDARD_STREAMS, F.OUTPUTS_FILE, F.IN_PLACE, F.EXIT_CODES, F.RETRY, F.SEED,
     F.NETWORK, F.CACHEABLE, F.CONTAINER, F.CONDA, F.MODULES, F.SPACK, F.PACKAGES, F.VARIABLES,
     F.RESOURCES, F.TIME_LIMIT, F.GPU, F.MPI, F.VOLUME, F.SHARED_MEMORY, F.LICENSES,
     F.DOCUMENTATION, F.METADATA, F.INTENT, F.FOREIGN_KEYS, F.SECRET, F.GENERATOR}
)  # fmt: skip
CORE = frozenset(
    {F.COMMAND, F.SCRIPT, F.PURE, F.OPERATION, F.WORKFLOW, F.SUBWORKFLOW, F.SCATTER, F.SCATTER_DOT,
     F.CONDITION, F.STANDARD_STREAMS, F.ARGUMENT_EXPRESSION, F.OPAQUE, F.UNION, F.RECORD,
     F.DIRECTORY, F.FILE_LITERAL, F.DEFAULT}
)  # fmt: skip
FLAT = CORE - {F.SUBWORKFLOW} | {F.SCATTER_EXPRESSION, F.LINK_EXPRESSION, F.OUTPUT_EXPRESSION,
                                 F.LINK_DEFAULT, F.MERGE, F.PICK_VALUE}  # fmt: skip
TASKS = frozenset({F.INSTANCE, F.METADATA, F.DOCUMENTATION, F.FOREIGN_KEYS})


def can(features: frozenset[Feature]) -> Capabilities:
    """Return a target with these features, every function, and JavaScript."""
    return Capabilities(features, frozenset(FUNCTIONS), frozenset({"javascript"}))


MADE_UP = {
    "everything": can(ALL),
    "like-cwl": can(ALL - NOT_IN_CWL),
    "nothing-beside": can(ALL - LEFT_OUT),
    "core": can(CORE),
    "without-subworkflows": can(FLAT),
    "steps-without-forms": can(
        ALL
        - {
            F.SCATTER_EXPRESSION,
            F.LINK_EXPRESSION,
            F.LINK_DEFAULT,
            F.MERGE,
            F.PICK_VALUE,
            F.OUTPUT_EXPRESSION,
        }
    ),
    "plain-scatter": can(ALL - {F.SCATTER_NESTED, F.SCATTER_FLAT, F.STREAM, F.LOOP, F.DEMAND}),
    "without-conditions": can(ALL - {F.CONDITION}),
    "tasks": can(TASKS),
}
"""Targets that no format has, each for one family of passes."""


REFUSED = {
    "without-conditions": ("the target cannot say condition",),
    "without-subworkflows": ("the target cannot say subworkflow", "the target cannot say loop"),
    "steps-without-forms": (
        "the target cannot say link expression",
        "the target cannot say output expression",
    ),
    "plain-scatter": ("the target cannot say scatter nested", "the target cannot say loop"),
}
"""What made-up targets cannot say: a subworkflow that scatters where there are none, a nested
scatter of a step with a condition on what the step is given, a loop with a handler; a
condition of a step that loops or has handlers; where streams
and demanded keys stay, a value computed from them, since no step can be handed one."""


@dataclass(frozen=True)
class Limits:
    """What is drawn for a format, and what it truly cannot say.

    ``connected`` draws programs and named tools joined by plain links alone: nothing computed,
    looped or asked for by keys. ``refusals`` are the beginnings of messages, ``share`` the part of
    the documents that may be refused.
    """

    bytes_too: bool = False
    connected: bool = False
    refusals: tuple[str, ...] = ()
    share: float = 0.0


LIMITS: dict[str, Limits] = {
    "ir": Limits(bytes_too=True),
    # Tools of Galaxy give files, and its links are plain: nearly all that computes is refused.
    "galaxy": Limits(
        connected=True,
        refusals=("Galaxy's steps run tools and workflows, and no computation alone",),
        share=0.3,
    ),
    # Many generated workflows hold computations alone, above all the small ones.
    "wfformat": Limits(refusals=("WfFormat needs at least one task",), share=0.4),
}


TYPED = frozenset({"wdl", "galaxy", "nextflow", "snakemake"})
"""Formats that refuse nearly every document that is drawn at random: WDL for its types (opaque
texts, operations, files that hold a text, values of any type), Nextflow for the same. Their laws
are tried on real documents, in ``tests/converters``, and on workflows that can run. What Galaxy is
given is drawn for it (``LIMITS``), and one document in forty still breaks its law: an output of a
subworkflow whose label is odd gets another name outside than inside. A Snakefile
that was written imports modules, which reading never does: Snakemake itself runs what is written
(``test_snakefiles.py``)."""


def writers() -> list[Converter]:
    """Return every format that can be written and read, and can say what is drawn at random."""
    able = (c for c in converters().values() if c.read and c.write and c.capabilities)
    return [c for c in able if c.name not in TYPED]


IN_WDL = (
    "WDL has no type for values of several types",
    "WDL writes no file with this text",
    "WDL's type checker does not take what this becomes: Non-numeric operand",
)
"""What WDL cannot say of workflows that can run."""


IN_NEXTFLOW = ("what this step computes becomes too large when it is put into channels",)
"""What Nextflow cannot say of workflows that can run."""


NOT_IN_SNAKEMAKE = (
    "a Snakefile",
    "the target cannot say",
    "the target has no function",
    "the target takes no expressions",
    "a value of bytes",
    "a name of a secondary",
    "a folder that is made",
    "an argument",
    "an operation",
    "Snakemake does not tell",
    "only a task sees",
    "a shell knows",
    "nothing says how",
    "the name",
    "a task sees",
)
"""What a Snakefile cannot say of documents that are drawn at random."""
