"""Environments: the software that a task needs, however it is provided."""

from __future__ import annotations

from collections.abc import Mapping

from fairwf.ir.base import Part
from fairwf.ir.expressions import Expr


class Container(Part, frozen=True, kw_only=True):
    """A container image (CWL v1.2 "DockerRequirement"; WDL ``container``; OCI).

    ``image`` is a reference to pull; ``digest`` is ``sha256:hex``. ``required`` of False: the task
    may run without it. ``output_directory`` is the path inside that is the task's folder.
    """

    image: Expr | None = None
    alternatives: tuple[Expr, ...] = ()
    digest: str | None = None
    dockerfile: str | None = None
    load: str | None = None
    import_from: str | None = None
    image_id: str | None = None
    output_directory: str | None = None
    required: bool = True


class Package(Part, frozen=True, kw_only=True):
    """Software by name (CWL v1.2 "SoftwarePackage"). ``specs`` are IRIs that identify it."""

    name: str
    versions: tuple[str, ...] = ()
    specs: tuple[str, ...] = ()


class Conda(Part, frozen=True, kw_only=True):
    """A conda environment: a file, a name, or packages from channels."""

    file: str | None = None
    name: str | None = None
    channels: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


class Environment(Part, frozen=True, kw_only=True):
    """Where a task's programs come from, and the variables it sees.

    ``modules`` are environment modules, ``spack`` are Spack specs. ``packages_required`` tells a
    demand from advice. ``variables`` are set in the task's environment (CWL "EnvVarRequirement").
    """

    container: Container | None = None
    packages: tuple[Package, ...] = ()
    packages_required: bool = False
    conda: Conda | None = None
    modules: tuple[str, ...] = ()
    spack: tuple[str, ...] = ()
    variables: Mapping[str, Expr] = {}
