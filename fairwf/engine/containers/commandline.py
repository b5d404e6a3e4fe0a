"""The command lines of container engines.

As their documentation says them: ``docker run``, ``podman run``, ``apptainer run`` (1.1 and later),
``singularity run`` (SingularityCE 3.10 and later), ``bwrap``. Every word is one argument of a
process; mounts are CSV, which the first four take, so that paths may hold any character but a
newline.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from fairwf.engine.containers.engines import ContainerEngine

_EMPTY = ("/tmp", "/var/tmp")  # noqa: S108 - empty and private in there, not written to here


class Mount(msgspec.Struct, frozen=True, order=True):
    """A file or folder of this machine at a path in the container."""

    target: str
    source: str
    writable: bool = False


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """What is to run in a container.

    ``image`` is a reference that the engine's store holds, or a path of an image file; None where
    the engine has none (bubblewrap): the task then sees this machine, read-only. ``folder``
    is the working folder inside. ``gpus`` is how many it may use; ``shared_memory_mib`` the size of
    ``/dev/shm``. ``name`` is the container's, unique on this machine.
    """

    name: str
    image: str | None
    command: Sequence[str]
    folder: str
    mounts: Sequence[Mount]
    env: Mapping[str, str] = msgspec.field(default_factory=dict)
    network: bool = False
    shared_memory_mib: float | None = None
    gpus: int = 0


class Started(msgspec.Struct, frozen=True):
    """How a container is started: the client's words and variables, and what ends it by force."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    stop: tuple[str, ...] = ()


def started(engine: ContainerEngine, launch: Launch) -> Started:
    """Return how an engine starts a container."""
    if engine.name == "bubblewrap":
        return _isolated(engine, launch)
    assert launch.image is not None
    if engine.keeps_images:
        return _with_store(engine, launch, launch.image)
    return _with_files(engine, launch, launch.image)


def _with_store(engine: ContainerEngine, launch: Launch, image: str) -> Started:
    words = [engine.path, "run", "--rm", "--interactive", f"--name={launch.name}"]
    words += ["--log-driver=none", "--pull=never", f"--workdir={launch.folder}"]
    if not launch.network:
        words.append("--network=none")
    words += _user(engine)
    if Path("/sys/fs/selinux/enforce").exists():
        words.append("--security-opt=label=disable")  # or mounted files could not be read
    if launch.shared_memory_mib is not None:
        words.append(f"--shm-size={int(launch.shared_memory_mib)}m")
    if launch.gpus:
        docker = engine.name == "docker"
        words.append(f"--gpus={launch.gpus}" if docker else "--device=nvidia.com/gpu=all")
    words += [f"--mount={_mount(each, 'source', 'target')}" for each in sorted(launch.mounts)]
    words += [f"--env={name}={value}" for name, value in launch.env.items()]
    forced = ("--time=0",) if engine.name == "podman" else ()
    return Started(
        argv=(*words, image, *launch.command),
        env=dict(os.environ),
        stop=(engine.path, "rm", "--force", *forced, launch.name),
    )


def _user(engine: ContainerEngine) -> list[str]:
    """Files that the task writes belong to whoever runs it."""
    if engine.name == "docker":
        return [f"--user={os.getuid()}:{os.getgid()}"]
    return ["--userns=keep-id"] if os.getuid() != 0 else []


def _with_files(engine: ContainerEngine, launch: Launch, image: str) -> Started:
    words = [engine.path, "--quiet", "run", "--contain", "--ipc", "--cleanenv", "--no-eval"]
    words += [f"--pwd={launch.folder}", "--no-home"]
    if not launch.network:
        words += ["--net", "--network=none"]
    if launch.gpus:
        words.append("--nv")
    words += [f"--mount={_mount(each, 'src', 'dst')}" for each in sorted(launch.mounts)]
    # A variable of this name is handed in as it is; --env would split it at commas.
    prefix = engine.name.upper() + "ENV_"
    own = {prefix + name: value for name, value in launch.env.items()}
    return Started(argv=(*words, image, *launch.command), env={**os.environ, **own})


def _isolated(engine: ContainerEngine, launch: Launch) -> Started:
    words = [engine.path, "--die-with-parent", "--unshare-pid", "--ro-bind", "/", "/"]
    words += ["--dev", "/dev", "--proc", "/proc"]
    for folder in _EMPTY:
        words += ["--tmpfs", folder]
    for mount in sorted(launch.mounts):
        if mount.writable or mount.target.startswith(tuple(f"{one}/" for one in _EMPTY)):
            words += ["--bind" if mount.writable else "--ro-bind", mount.source, mount.target]
    if not launch.network:
        words.append("--unshare-net")
    words += ["--chdir", launch.folder, "--", *launch.command]
    return Started(argv=tuple(words), env=launch.env)


def _mount(mount: Mount, source: str, target: str) -> str:
    fields = ["type=bind", f"{source}={mount.source}", f"{target}={mount.target}"]
    if not mount.writable:
        fields.append("ro" if source == "src" else "readonly")
    import csv

    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()
