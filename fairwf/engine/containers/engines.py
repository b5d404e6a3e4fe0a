"""Container engines of this machine."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from typing import Literal

import msgspec

ContainerPolicy = Literal[
    "auto", "none", "podman", "docker", "apptainer", "singularity", "bubblewrap"
]
EngineName = Literal["podman", "docker", "apptainer", "singularity", "bubblewrap"]

_ORDER: tuple[EngineName, ...] = ("podman", "docker", "apptainer", "singularity")
_TIMEOUT_S = 10.0


class ContainerEngine(msgspec.Struct, frozen=True):
    """A program that runs containers."""

    name: EngineName
    path: str

    @property
    def keeps_images(self) -> bool:
        """True for one with an image store of its own, False for one that runs image files."""
        return self.name in ("podman", "docker")


@cache
def find_engine(policy: ContainerPolicy) -> ContainerEngine | None:
    """Return the engine of this name, or with ``auto`` the first one that works here."""
    if policy == "auto":
        engines = (find_engine(name) for name in _ORDER)
        return next((engine for engine in engines if engine is not None and _works(engine)), None)
    if policy == "none":
        return None
    path = shutil.which("bwrap" if policy == "bubblewrap" else policy)
    return None if path is None else ContainerEngine(policy, path)


def _works(engine: ContainerEngine) -> bool:
    return refusal(engine) is None


def refusal(engine: ContainerEngine) -> str | None:
    """Return why docker's daemon does not answer, if so; the others have none."""
    if engine.name != "docker":
        return None
    try:
        done = subprocess.run(
            [engine.path, "version", "--format", "{{.Server.Version}}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            text=True,
            errors="replace",
        )
    except OSError as error:
        return error.strerror or "it cannot be started"
    except subprocess.TimeoutExpired:
        return f"it does not answer within {_TIMEOUT_S:g} s"
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1][:200]
