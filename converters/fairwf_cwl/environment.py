"""Requirements that become environments, resources and conditions of execution."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fairwf.ir.environment import Container, Environment, Package
from fairwf.ir.expressions import BoolLit, Expr, FloatLit, IntLit, StringLit
from fairwf.ir.origins import Span
from fairwf.ir.resources import Amount, Gpu, NetworkAccess, Resources
from fairwf.source import SourceMap
from fairwf_cwl.bindings import Names
from fairwf_cwl.context import Context, Found, Scope, strings
from fairwf_cwl.idmaps import entries

_SHM_SIZE = re.compile(r"(?P<number>[0-9]{1,18})(?P<unit>[bkmg]?)")
_SHM_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def environment(context: Context, scope: Scope, names: Names) -> Environment:
    """Return DockerRequirement, SoftwareRequirement and EnvVarRequirement in force."""
    software = scope.find("SoftwareRequirement")
    variables = scope.find("EnvVarRequirement")
    node = Environment(
        container=_container(context, scope.find("DockerRequirement")),
        packages=_packages(context, software),
        packages_required=bool(software and software.required and software.node.get("packages")),
        variables=_variables(context, variables, names),
    )
    for found in (scope.find("DockerRequirement"), software, variables):
        if found is not None:
            context.origins.set(node, found.node.span)
            break
    return node


def _container(context: Context, found: Found | None) -> Container | None:
    if found is None:
        return None
    said = found.node
    image = said.get("dockerPull")
    node = Container(
        image=None if image is None else StringLit(value=image),
        digest=image.rsplit("@", 1)[1] if image and "@sha256:" in image else None,
        dockerfile=said.get("dockerFile"),
        load=said.get("dockerLoad"),
        import_from=said.get("dockerImport"),
        image_id=said.get("dockerImageId"),
        output_directory=said.get("dockerOutputDirectory"),
        required=found.required,
    )
    context.origins.set(node, said.span)
    if node.image is not None:
        context.origins.set(node.image, said.value_span("dockerPull"))
    return node


def _packages(context: Context, found: Found | None) -> tuple[Package, ...]:
    packages = []
    for entry in entries(found.node.get("packages"), "package", "specs") if found else ():
        node = Package(
            name=entry.key,
            versions=tuple(text for text, _ in strings(entry.node, "version")),
            specs=tuple(text for text, _ in strings(entry.node, "specs")),
        )
        context.origins.set(node, entry.span)
        packages.append(node)
    return tuple(packages)


def _variables(context: Context, found: Found | None, names: Names) -> dict[str, Expr]:
    variables: dict[str, Expr] = {}
    for entry in entries(found.node.get("envDef"), "envName", "envValue") if found else ():
        text, span = entry.node.get("envValue"), entry.node.value_span("envValue")
        if isinstance(text, str):
            variables[entry.key] = context.expressions.read(text, span, names)
    return variables


COMPUTING = ("cwltool:CUDARequirement", "cwltool:MPIRequirement", "cwltool:ShmSize")
"""cwltool's extensions that say what a task computes with."""


def extension_places(scope: Scope) -> dict[str, dict[str, Any]]:
    """Return which of :data:`COMPUTING` are in force as a requirement and which as a hint.

    The IR's resources do not tell: cwltool obeys both, other runners refuse the first and ignore
    the second.
    """
    places: dict[str, dict[str, Any]] = {}
    for name in COMPUTING:
        found = scope.find(name)
        if found is not None:
            places.setdefault("requirements" if found.required else "hints", {})[name] = {}
    return places


def resources(context: Context, scope: Scope, names: Names) -> Resources:
    """Return ResourceRequirement, ToolTimeLimit and cwltool's resources in force."""
    found = scope.find("ResourceRequirement")
    limit = scope.find("ToolTimeLimit")
    cuda = scope.find("cwltool:CUDARequirement")
    mpi = scope.find("cwltool:MPIRequirement")
    memory = scope.find("cwltool:ShmSize")
    node = Resources(
        cores=_amount(context, found, "cores", names),
        memory=_amount(context, found, "ram", names),
        tmp_space=_amount(context, found, "tmpdir", names),
        out_space=_amount(context, found, "outdir", names),
        time=number(context, limit.node, "timelimit", names) if limit else None,
        gpu=_gpu(context, cuda, names),
        ranks=number(context, mpi.node, "processes", names) if mpi else None,
        shared_memory=_shared_memory(context, memory) if memory else None,
        required=found.required if found else True,
    )
    for said in (found, limit, cuda, mpi, memory):
        if said is not None:
            context.origins.set(node, said.node.span)
            break
    return node


def _amount(context: Context, found: Found | None, name: str, names: Names) -> Amount | None:
    if found is None:
        return None
    node = found.node
    low = number(context, node, name + "Min", names)
    high = number(context, node, name + "Max", names)
    if low is None and high is None:
        return None
    least, most = (getattr(side, "number", None) for side in (low, high))
    if least is not None and most is not None and least > most:
        context.report.add(
            "FWF2012",
            f"at least {least} and at most {most} of {name} cannot be given",
            span=node.value_span(name + "Max"),
            hint=f"let {name}Max be at least {name}Min",
        )
    amount = Amount(min=low, max=high)
    context.origins.set(amount, node.value_span(name + ("Min" if low is not None else "Max")))
    return amount


def number(context: Context, node: SourceMap, field: str, names: Names) -> Expr | None:
    """Return the number or expression of a field; below zero only after telling of it."""
    said = node.get(field)
    if isinstance(said, (int, float)) and said < 0:
        message = f"{field!r} cannot be less than zero, and is {said}"
        context.report.add("FWF1101", message, span=node.value_span(field))
    return value(context, node.get(field), node.value_span(field), names)


def value(context: Context, said: Any, span: Span, names: Names) -> Expr | None:
    """Return a number, truth value or expression; None for null."""
    result: Expr
    if said is None:
        return None
    if isinstance(said, bool):
        result = BoolLit(value=said)
    elif isinstance(said, int):
        result = IntLit(value=said)
    elif isinstance(said, float):
        result = FloatLit(value=said)
    else:
        return context.expressions.read(str(said), span, names)
    context.origins.set(result, span)
    return result


def _gpu(context: Context, found: Found | None, names: Names) -> Gpu | None:
    if found is None:
        return None
    said = found.node
    low = number(context, said, "cudaDeviceCountMin", names)
    high = number(context, said, "cudaDeviceCountMax", names)
    count = Amount(min=low, max=high) if low is not None or high is not None else None
    node = Gpu(
        count=count,
        cuda_version_min=str(said["cudaVersionMin"]) if "cudaVersionMin" in said else None,
        cuda_compute_capability=tuple(t for t, _ in strings(said, "cudaComputeCapability")),
    )
    context.origins.set(node, said.span)
    if count is not None:
        context.origins.set(count, said.span)
    return node


def devices(context: Context, scope: Scope, names: Names) -> Callable[[], Expr] | None:
    """Return what makes ``runtime.cudaDeviceCount``, as cwltool counts; None where it is not there.

    It is what is asked for, not what the machine has: the least number, else the most, else one.
    """
    found = scope.find("cwltool:CUDARequirement")
    if found is None:
        return None
    said = found.node
    field = next((f for f in ("cudaDeviceCountMin", "cudaDeviceCountMax") if said.get(f)), None)

    def made() -> Expr:
        count = value(context, said[field], said.value_span(field), names) if field else None
        return IntLit(value=1) if count is None else count

    return made


def _shared_memory(context: Context, found: Found) -> Expr | None:
    """Return the size of ``/dev/shm`` in MiB: a number and a unit, bytes without one."""
    span = found.node.value_span("shmSize")
    match = _SHM_SIZE.fullmatch(str(found.node.get("shmSize", "")).strip().lower())
    if match is None or not int(match["number"]):
        context.report.add(
            "FWF1101",
            f"expected a size, found {found.node.get('shmSize')!r:.40}",
            span=span,
            hint="a number above 0 and b, k, m or g: 64m",
        )
        return None
    size = int(match["number"]) * _SHM_UNITS[match["unit"]]
    whole = size % 2**20 == 0
    node = IntLit(value=size // 2**20) if whole else FloatLit(value=size / 2**20)
    context.origins.set(node, span)
    return node


def network(context: Context, scope: Scope, names: Names) -> NetworkAccess | Expr:
    """Return NetworkAccess in force; before v1.1 every tool may use the network."""
    found = scope.find("NetworkAccess")
    if found is None:
        return "outgoing" if scope.version == "v1.0" else "none"
    said = found.node.get("networkAccess")
    if isinstance(said, str):
        return context.expressions.read(said, found.node.value_span("networkAccess"), names)
    return "outgoing" if said else "none"


def cacheable(context: Context, scope: Scope, names: Names) -> bool | Expr:
    """Return WorkReuse in force."""
    found = scope.find("WorkReuse")
    said = found.node.get("enableReuse") if found else True
    if found is not None and isinstance(said, str):
        return context.expressions.read(said, found.node.value_span("enableReuse"), names)
    return bool(said)


def in_place(scope: Scope) -> bool:
    """Return InplaceUpdateRequirement in force."""
    found = scope.find("InplaceUpdateRequirement")
    return bool(found and found.node.get("inplaceUpdate"))
