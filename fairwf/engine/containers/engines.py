"""Container engines of this machine."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import Literal

ContainerPolicy = Literal[
    "auto", "none", "podman", "docker", "apptainer", "singularity", "bubblewrap"
]
EngineName = Literal["podman", "docker", "apptainer", "singularity", "bubblewrap"]

_ORDER: tuple[EngineName, ...] = ("podman", "docker", "apptainer", "singularity")
_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class ContainerEngine:
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
    """Tell whether docker's daemon answers; the others have none."""
    if engine.name != "docker":
        return True
    try:
        done = subprocess.run(
            [engine.path, "version", "--format", "{{.Server.Version}}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
