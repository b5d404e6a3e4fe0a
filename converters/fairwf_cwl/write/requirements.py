"""Environments, resources and conditions of execution as requirements and hints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairwf.ir.command import StagedItem
from fairwf.ir.environment import Container, Environment
from fairwf.ir.expressions import BoolLit, Expr, FloatLit, IntLit, StringLit
from fairwf.ir.ports import LoadListing
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.workflow import Command, Process, Pure, Script, Workflow
from fairwf_cwl.context import SECRETS
from fairwf_cwl.ports import may_be_folder
from fairwf_cwl.write.extensions import demanded, extension_hints
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.places import literal_entry
from fairwf_cwl.write.ports import LISTINGS
from fairwf_cwl.write.values import Values
from fairwf_cwl.write.versions import OLDEST
from fairwf_cwl.write.yaml_text import Inline

Text = Callable[..., str]
"""Writes an expression; ``strip`` and ``computed`` say what the place takes."""

_AMOUNTS = (("cores", "cores"), ("memory", "ram"), ("tmp_space", "tmpdir"), ("out_space", "outdir"))


_OLDEST = {
    "NetworkAccess": ("cwltool:NetworkAccess", False),
    "WorkReuse": ("cwltool:WorkReuse", False),
    "ToolTimeLimit": ("cwltool:TimeLimit", False),
    "LoadListingRequirement": ("cwltool:LoadListingRequirement", False),
    "InplaceUpdateRequirement": ("cwltool:InplaceUpdateRequirement", True),
}
"""What v1.1 brought, as cwltool's extensions of v1.0: the name, and whether it is required."""


def listing_of(process: Process) -> LoadListing:
    """Return how the listings of folders are loaded, of a process in normal form for v1.0."""
    found = (port.load_listing for port in process.inputs if may_be_folder(port.type))
    return next(found, None) or "deep"


def extends(task: Command | Script | Pure, version: str) -> bool:
    """Tell whether a task needs extensions of cwltool."""
    if version == OLDEST and listing_of(task) != "deep":
        return True
    if isinstance(task, Pure):
        return False
    old = version == OLDEST and (
        task.resources.time is not None
        or task.cacheable is not True
        or task.in_place
        or not isinstance(task.network, str)
    )
    return old or bool(extension_hints(task.resources, lambda value: None))


def requires_secrets(process: Process) -> bool:
    """Tell whether runners that cannot hide the secret inputs of a process may not run it."""
    return SECRETS in process.extensions.get("cwl", {}).get("requirements", ())


class Requirements:
    """Collects what a process requires and hints at, in a stable order."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.requirements: dict[str, Any] = {}
        self.hints: dict[str, Any] = {}

    def add(self, name: str, body: dict[str, Any], required: bool = True) -> None:
        """Add a requirement, or a hint where it is not required."""
        if self.version == OLDEST and name in _OLDEST:
            name, required = _OLDEST[name]
        (self.requirements if required else self.hints)[name] = body

    def listings(self, process: Process) -> None:
        """Add how the listings of folders are loaded, where the inputs themselves cannot say it."""
        listing = listing_of(process)
        if self.version == OLDEST and listing != "deep" and not isinstance(process, Workflow):
            self.add("LoadListingRequirement", Inline({"loadListing": LISTINGS[listing]}))

    def task(self, task: Command | Script, text: Text, values: Values) -> None:
        """Add everything that a task says.

        Raises:
            CannotSayError: CWL has no requirement for a part of it.
        """
        self._environment(task.environment, text)
        self._resources(task.resources, text, demanded(task))
        if task.staging:
            listing = [_staged(item, text, values) for item in task.staging]
            self.add("InitialWorkDirRequirement", {"listing": listing})
        if isinstance(task, Script):
            self.add("ShellCommandRequirement", {})
        if self.version == OLDEST and task.network == "outgoing":
            pass  # it is always there
        elif task.network == "outgoing":
            self.add("NetworkAccess", Inline({"networkAccess": True}))
        elif not isinstance(task.network, str):
            self.add("NetworkAccess", {"networkAccess": text(task.network, computed=True)})
        if not isinstance(task.cacheable, bool):
            self.add("WorkReuse", {"enableReuse": text(task.cacheable, computed=True)})
        elif not task.cacheable:
            self.add("WorkReuse", Inline({"enableReuse": False}))
        if task.in_place:
            self.add("InplaceUpdateRequirement", Inline({"inplaceUpdate": True}))
        for field in ("retry", "seed"):
            if getattr(task, field) is not None:
                raise CannotSayError(f"CWL has no {field}", task)

    def _environment(self, environment: Environment, text: Text) -> None:
        if environment.container is not None:
            body = _container(environment.container)
            self.add("DockerRequirement", body, environment.container.required)
        if environment.packages:
            packages: dict[str, Any] = {}
            for package in environment.packages:
                row: dict[str, Any] = {}
                if package.versions:
                    row["version"] = list(package.versions)
                if package.specs:
                    row["specs"] = list(package.specs)
                if package.name in packages:
                    raise CannotSayError("the same package stands twice", package)
                packages[package.name] = row
            self.add("SoftwareRequirement", {"packages": packages}, environment.packages_required)
        if environment.variables:
            variables = {name: text(value) for name, value in environment.variables.items()}
            self.add("EnvVarRequirement", {"envDef": variables})
        for field in ("conda", "modules", "spack"):
            if getattr(environment, field):
                raise CannotSayError(f"CWL has no {field} environments", environment)

    def _resources(self, resources: Resources, text: Text, demanded: frozenset[str]) -> None:
        body: dict[str, Any] = {}
        for field, name in _AMOUNTS:
            amount = getattr(resources, field)
            if amount is not None:
                body.update(_amount(amount, name, text))
        if body:
            self.add("ResourceRequirement", body, resources.required)
        elif not resources.required:
            raise CannotSayError("only amounts can be a hint", resources)
        if resources.time is not None:
            limit = number(resources.time, text)
            self.add("ToolTimeLimit", Inline({"timelimit": limit}))
        hints = extension_hints(resources, lambda value: number(value, text))
        for name, row in hints.items():
            self.add(name, row, name in demanded)
        for field in ("nodes", "read_volume", "written_volume"):
            if getattr(resources, field) is not None:
                raise CannotSayError(f"CWL has no {field.replace('_', ' ')}", resources)
        if resources.licenses:
            raise CannotSayError("CWL has no licences of software as a resource", resources)


def number(value: Expr, text: Text) -> Any:
    """Return a number, truth value or expression."""
    if isinstance(value, (IntLit, FloatLit)):
        return value.number
    if isinstance(value, BoolLit):
        return value.value
    return text(value, computed=True)


def _amount(amount: Amount, name: str, text: Text) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if amount.min is not None:
        row[name + "Min"] = number(amount.min, text)
    if amount.max is not None:
        row[name + "Max"] = number(amount.max, text)
    return row


def _container(container: Container) -> dict[str, Any]:
    if container.alternatives:
        raise CannotSayError("CWL names one image", container)
    row: dict[str, Any] = {}
    if container.image is not None:
        if not isinstance(container.image, StringLit):
            raise CannotSayError("CWL computes no image names", container.image)
        row["dockerPull"] = container.image.value
    image = row.get("dockerPull")
    if container.digest != (image.rsplit("@", 1)[1] if image and "@sha256:" in image else None):
        raise CannotSayError("CWL has the digest inside the image's name", container)
    for field, name in (
        ("load", "dockerLoad"),
        ("dockerfile", "dockerFile"),
        ("import_from", "dockerImport"),
        ("image_id", "dockerImageId"),
        ("output_directory", "dockerOutputDirectory"),
    ):
        if getattr(container, field) is not None:
            row[name] = getattr(container, field)
    return row


def _staged(item: StagedItem, text: Text, values: Values) -> Any:
    if literal_entry(item):
        return values.literal(item.value)
    if item.name is None and not item.writable:
        return text(item.value)
    row: dict[str, Any] = {}
    if item.name is not None:
        row["entryname"] = text(item.name)
    row["entry"] = text(item.value, strip=False)
    if item.writable:
        row["writable"] = True
    return row
