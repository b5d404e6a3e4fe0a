"""Passes that leave out what a target cannot say, one entry for each node that goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import File
from fairwf.ir.ports import FieldFiles, InputPort, OutputPort
from fairwf.ir.resources import Resources
from fairwf.ir.walk import escape
from fairwf.ir.workflow import Command, Operation, Pure, Script, Step, Workflow
from fairwf.lower.context import Context, fields_of
from fairwf.report import Fate

_TASKS = (Command, Script)
_PROCESSES = (Command, Script, Pure, Operation, Workflow)
_PORTS = (InputPort, OutputPort, FieldFiles)


@dataclass(frozen=True)
class Drop:
    """Sets fields back to their defaults, so that they are gone; ``what`` names them."""

    removes: Feature
    kinds: tuple[type[msgspec.Struct], ...]
    fields: tuple[str, ...]
    what: str
    hint: str | None = None
    fate: Fate = "lost"
    adds: frozenset[Feature] = frozenset()

    @property
    def name(self) -> str:
        """``drop_`` and the feature."""
        return f"drop_{self.removes.value}"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow without these fields."""

        def without(node: msgspec.Struct) -> msgspec.Struct:
            if self.kinds and not isinstance(node, self.kinds):
                return node
            changes = {}
            for field in fields_of(type(node)):
                if field.name not in self.fields:
                    continue
                value = getattr(node, field.name)
                default = (
                    field.default
                    if field.default is not msgspec.NODEFAULT
                    else field.default_factory()
                    if field.default_factory is not msgspec.NODEFAULT
                    else None
                )
                if value != default:
                    self._tell(node, field.encode_name, value, context)
                    changes[field.name] = default
            return context.replace(node, **changes) if changes else node

        return context.rewrite(workflow, without)

    def _tell(self, node: msgspec.Struct, key: str, value: object, context: Context) -> None:
        text = f"{self.what} cannot be said and is left out"
        if isinstance(value, msgspec.Struct):
            context.told(self.fate, value, text, self.hint)
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, msgspec.Struct):
                    context.told(self.fate, item, text, self.hint)
                else:
                    part = f"{key}/{escape(item) if isinstance(item, str) else index}"
                    context.told(self.fate, node, f"{text}: {item}", self.hint, part=part)
        elif isinstance(value, Mapping):
            for name, item in value.items():
                shown = f"{text}: {name}"
                if isinstance(item, msgspec.Struct):
                    context.told(self.fate, item, shown, self.hint)
                else:
                    part = f"{key}/{escape(name)}"
                    context.told(self.fate, node, shown, self.hint, part=part)
        else:
            context.told(self.fate, node, text, self.hint, part=key)


@dataclass(frozen=True)
class DropForeignKeys:
    """Leaves out the keys of formats that the target does not carry, one entry a format.

    With ``every``, those of all formats.
    """

    every: bool = False
    name: str = "drop_foreign_keys"
    removes: Feature = Feature.FOREIGN_KEYS
    fate: Fate = "lost"
    adds: frozenset[Feature] = frozenset()

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow without these keys."""

        def without(node: msgspec.Struct) -> msgspec.Struct:
            said: Mapping[str, object] = getattr(node, "extensions", {})
            strange = list(said) if self.every else context.capabilities.strange(node)
            if not strange:
                return node
            for name in strange:
                text = f"keys that only the format {name} knows cannot be said and are left out"
                hint = f"they mean something to {name} alone: nothing changes in what is run"
                context.told("lost", node, text, hint, part=f"extensions/{escape(name)}")
            left = {name: keys for name, keys in said.items() if name not in strange}
            return context.replace(node, extensions=left)

        return context.rewrite(workflow, without)


DROPS: tuple[Drop | DropForeignKeys, ...] = (
    Drop(Feature.CANCEL, (Step,), ("cancel",), "what ends a running step",
         hint="results are the same but for what would have been cancelled, which runs to its end"),
    Drop(Feature.HANDLER, (Step,), ("handlers",), "what happens when a step fails",
         hint="the target's engine may retry; else run a second workflow for what must happen"),
    Drop(Feature.APPROVAL, (Step,), ("approval",), "a person's approval",
         hint="ask before the part after it is started: cut the workflow in two there"),
    Drop(Feature.WAIT, (Step,), ("wait",), "waiting",
         hint="wait before it is started, or in a program"),
    Drop(Feature.ORDER, (Step,), ("after",), "order without data",
         hint="give the later step an output of the earlier one as input"),
    Drop(Feature.GENERATOR, (Operation,), ("generator",),
         "how a process is made while the workflow runs"),
    Drop(Feature.STREAMABLE, _PORTS, ("streamable",), "that a file can be streamed",
         hint="nothing changes but speed"),
    Drop(Feature.SECRET, (InputPort,), ("secret",), "that an input is secret"),
    Drop(Feature.FILE_FORMAT, (*_PORTS, File), ("format",), "a file's format",
         hint="say it in the documentation of the target's file"),
    Drop(Feature.SECONDARY_FILES, (*_PORTS, File), ("secondary",), "a secondary file",
         hint="give it as an input or output of its own"),
    Drop(Feature.STAGING, _TASKS, ("staging",), "staging",
         hint="let the command make the file, or name its place there"),
    Drop(Feature.STANDARD_STREAMS, _TASKS, ("stdin", "stdout", "stderr"), "a standard stream",
         hint="redirect in the command itself: sh -c 'COMMAND < IN > OUT'"),
    Drop(Feature.OUTPUTS_FILE, _TASKS, ("outputs_file",), "a file of outputs",
         hint="name the outputs one by one"),
    Drop(Feature.IN_PLACE, _TASKS, ("in_place",), "changing inputs in place",
         hint="let the program write a copy"),
    Drop(Feature.EXIT_CODES, _TASKS, ("exit_codes",), "the meaning of exit codes",
         hint="let the command end with 0 where it succeeded: COMMAND || test $? -eq N"),
    Drop(Feature.RETRY, (*_TASKS, Step), ("retry",), "trying again",
         hint="set it in the configuration of the target's engine"),
    Drop(Feature.SEED, _TASKS, ("seed",), "the seed of random numbers",
         hint="give it to the program as an argument"),
    Drop(Feature.NETWORK, _TASKS, ("network",), "access to the network",
         hint="allow or forbid it where the target's engine is set up"),
    Drop(Feature.CACHEABLE, _TASKS, ("cacheable",), "whether results can be used again",
         hint="set it where the target's engine is called"),
    Drop(Feature.STEP_OVERRIDE, (Step,), ("resources", "environment", "retry"),
         "what a step says in place of its process",
         hint="say it in the process, or in a copy of the process for this step"),
    Drop(Feature.CONTAINER, (Environment,), ("container",), "a container",
         hint="run the target's engine where the programs are installed"),
    Drop(Feature.CONDA, (Environment,), ("conda",), "a conda environment",
         hint="activate the environment before the target's engine is started"),
    Drop(Feature.MODULES, (Environment,), ("modules",), "an environment module",
         hint="load the module before the target's engine is started"),
    Drop(Feature.SPACK, (Environment,), ("spack",), "a Spack package",
         hint="load the package before the target's engine is started"),
    Drop(Feature.PACKAGES, (Environment,), ("packages",), "a required package",
         hint="install it where the target's engine runs"),
    Drop(Feature.VARIABLES, (Environment,), ("variables",), "an environment variable",
         hint="set it before the target's engine is started, or in the command: env NAME=VALUE"),
    Drop(Feature.RESOURCES, (Resources,), ("cores", "memory", "tmp_space", "out_space"),
         "a need of cores, memory or space",
         hint="ask for it where the target's engine is set up"),
    Drop(Feature.TIME_LIMIT, (Resources,), ("time",), "a time limit",
         hint="limit it in the command: timeout SECONDS COMMAND"),
    Drop(Feature.GPU, (Resources,), ("gpu",), "a need of GPUs",
         hint="ask for them where the target's engine is set up"),
    Drop(Feature.MPI, (Resources,), ("nodes", "ranks"), "a number of nodes or MPI ranks",
         hint="ask for them where the target's engine is set up"),
    Drop(Feature.VOLUME, (Resources,), ("read_volume", "written_volume"), "a volume of data",
         hint="nothing changes in what is run: it only helps planning"),
    Drop(Feature.SHARED_MEMORY, (Resources,), ("shared_memory",), "a need of shared memory",
         hint="ask for it where the container is started"),
    Drop(Feature.LICENSES, (Resources,), ("licenses",), "a need of licences",
         hint="limit at the target's engine how many such tasks run at once"),
    Drop(Feature.DOCUMENTATION, (), ("label", "doc"), "documentation",
         hint="keep it in a README beside the file"),
    Drop(Feature.METADATA, (), ("metadata",), "metadata",
         hint="keep it in a CITATION.cff beside the file, or package both as a crate"),
    Drop(Feature.INTENT, _PROCESSES, ("intent",), "what a process is for",
         hint="keep it in the metadata of a crate (fairwf package)"),
    DropForeignKeys(),
)  # fmt: skip
"""One for each feature that can be left out while the rest keeps its meaning, more or less."""
