"""Software that tools name: packages and container images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairwf.entities.identifiers import local_id, ref, refs
from fairwf.ir.environment import Package
from fairwf.ir.iris import is_iri
from fairwf.ir.workflow import Command, Process, Script

TERMS = "https://w3id.org/ro/terms/workflow-run#"


def _packages(process: Process) -> tuple[Package, ...]:
    return process.environment.packages if isinstance(process, (Command, Script)) else ()


def _package_id(package: Package) -> str:
    return local_id("software", package.name, *package.versions)


def tool_packages(process: Process) -> dict[str, Any]:
    """Return the properties of a tool that name its software."""
    packages = _packages(process)
    return {
        "softwareRequirements": refs(_package_id(package) for package in packages),
        "mainEntity": ref(_package_id(packages[0])) if len(packages) == 1 else None,
    }


def packages_of(process: Process) -> Iterator[dict[str, Any]]:
    """Yield an entity for each package that a process asks for."""
    for package in _packages(process):
        iris = [iri for iri in package.specs if is_iri(iri)]
        yield {
            "@type": "SoftwareApplication",
            "@id": _package_id(package),
            "name": package.name,
            "softwareVersion": list(package.versions),
            "url": iris[:1],
            "sameAs": [ref(iri) for iri in iris[1:]],
        }


def image_id(image: str, digest: str | None) -> str:
    """Return the id of a container image."""
    return local_id("image", image, *([digest] if digest else []))


def image_entity(image: str, digest: str | None) -> dict[str, Any]:
    """Return the entity of a container image: ``[registry/]name[:tag][@sha256:hex]``.

    A reference without a registry means Docker Hub (OCI distribution reference).
    """
    text, _, pinned = image.partition("@")
    is_file = text.endswith((".sif", ".img"))
    first, slash, rest = text.partition("/")
    has_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, name = (first, rest) if has_registry else ("docker.io", text)
    name, _, tag = name.partition(":")
    sha256 = (digest or pinned).removeprefix("sha256:")
    return {
        "@type": "ContainerImage",
        "@id": image_id(image, digest),
        "additionalType": ref(TERMS + ("SIFImage" if is_file else "DockerImage")),
        "registry": None if is_file else registry,
        "name": text.rpartition("/")[2] if is_file else name,
        "tag": tag,
        "sha256": sha256 if len(sha256) == 64 else None,
    }
