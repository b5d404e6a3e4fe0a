"""Software that tasks ask for: environment modules and conda environments that exist here.

Implements CWL v1.2 "SoftwareRequirement" and the IR's ``modules`` and ``conda``: what this machine
already has is put into the task's variables; nothing is installed. A package is looked for as a
module ``name/version`` or ``name`` (Tcl Environment Modules, Lmod), then as a package of a conda
environment. What is not found is taken from PATH, and said once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from fairwf.ir.environment import Environment, Package
from fairwf.report import Report

_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"
_TIMEOUT_S = 60.0
_SHELLS_OWN = frozenset({"_", "PWD", "OLDPWD", "SHLVL"})
_MODULE_COMMANDS = ("LMOD_CMD", "MODULES_CMD")
_CONDAS = ("micromamba", "mamba", "conda")

# The names come as arguments, so no text of a document is read by the shell.
_LOAD = 'eval "$("$0" sh load "$@")" && exec env -0'


class Software:
    """What this machine has. Asked once for the same thing."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, ...], dict[str, str] | None] = {}

    @cached_property
    def path(self) -> str:
        """Where programs are looked for."""
        return os.environ.get("PATH", _DEFAULT_PATH)

    def provide(self, environment: Environment, report: Report) -> Mapping[str, str]:
        """Return the variables that give a task what it asks for, over those of this process.

        What is not found is reported: FWF4021.
        """
        if not (
            environment.packages or environment.modules or environment.conda or environment.spack
        ):
            return {}
        variables: dict[str, str] = {}
        self._modules(environment, variables, report)
        self._conda(environment, variables, report)
        for package in environment.packages:
            self._package(package, environment.packages_required, variables, report)
        if environment.spack:
            _missing(report, f"Spack packages ({', '.join(environment.spack)})", required=True)
        return variables

    def has(self, environment: Environment) -> bool:
        """Tell whether everything that a task asks for is a module or in an environment here."""
        report = Report()
        self.provide(environment, report)
        return not list(report)

    # --- what is asked for

    def _modules(self, environment: Environment, variables: dict[str, str], report: Report) -> None:
        if not environment.modules:
            return
        loaded = self._load(environment.modules, variables)
        if loaded is None:
            _missing(report, f"environment modules ({', '.join(environment.modules)})", True)
        else:
            variables.update(loaded)

    def _conda(self, environment: Environment, variables: dict[str, str], report: Report) -> None:
        conda = environment.conda
        if conda is None:
            return
        wanted = [_split(text) for text in conda.packages]
        for prefix in self._prefixes:
            named = conda.name is not None and prefix.name == conda.name
            holds = wanted and all(_has(prefix, name, versions) for name, versions in wanted)
            if named or holds:
                _activate(prefix, variables)
                return
        shown = conda.name or conda.file or ", ".join(conda.packages)
        _missing(report, f"a conda environment ({shown})", required=True)

    def _package(
        self, package: Package, required: bool, variables: dict[str, str], report: Report
    ) -> None:
        names = [f"{package.name}/{version}" for version in package.versions]
        for name in [*names, *([] if names else [package.name])]:
            loaded = self._load((name,), variables)
            if loaded is not None:
                variables.update(loaded)
                return
        for prefix in self._prefixes:
            if _has(prefix, package.name, package.versions):
                _activate(prefix, variables)
                return
        if required or shutil.which(package.name) is None:
            version = f" {' or '.join(package.versions)}" if package.versions else ""
            _missing(report, f"the software {package.name}{version}", required)

    # --- environment modules

    @cached_property
    def _command(self) -> str | None:
        for variable in _MODULE_COMMANDS:
            path = os.environ.get(variable)
            if path and os.access(path, os.X_OK):
                return path
        return shutil.which("modulecmd")

    def _load(self, names: Sequence[str], over: Mapping[str, str]) -> dict[str, str] | None:
        """The variables that loading modules changes, None where one is not there."""
        if self._command is None or any(name.startswith("-") for name in names):
            return None
        key = (*names, "", *(f"{name}={value}" for name, value in over.items()))
        if key not in self._loaded:
            self._loaded[key] = _changes(self._command, names, {**os.environ, **over})
        return self._loaded[key]

    # --- conda

    @cached_property
    def _prefixes(self) -> list[Path]:
        """The conda environments of this machine."""
        for name in _CONDAS:
            path = os.environ.get({"conda": "CONDA_EXE"}.get(name, "MAMBA_EXE")) or None
            program = shutil.which(name) or path
            if program is None or not os.access(program, os.X_OK):
                continue
            done = _run([program, "env", "list", "--json"], dict(os.environ))
            try:
                said = json.loads(done or "")
            except ValueError:
                continue
            places = said.get("envs") if isinstance(said, dict) else None
            return [Path(place) for place in places or () if isinstance(place, str)]
        return []


def _changes(command: str, names: Sequence[str], env: Mapping[str, str]) -> dict[str, str] | None:
    done = _run(["/bin/sh", "-c", _LOAD, command, *names], env)
    if done is None:
        return None
    after = dict(entry.partition("=")[::2] for entry in done.split("\0") if "=" in entry)
    known = after.get("LOADEDMODULES", "").split(":")
    if not all(any(one == name or one.startswith(f"{name}/") for one in known) for name in names):
        return None
    return {
        name: value
        for name, value in after.items()
        if env.get(name) != value and name not in _SHELLS_OWN and not name.startswith("BASH_FUNC_")
    }


def _run(words: list[str], env: Mapping[str, str]) -> str | None:
    try:
        done = subprocess.run(
            words,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            text=True,
            errors="surrogateescape",
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _activate(prefix: Path, variables: dict[str, str]) -> None:
    path = variables.get("PATH", os.environ.get("PATH", ""))
    variables["PATH"] = f"{prefix / 'bin'}:{path}"
    variables["CONDA_PREFIX"] = str(prefix)


def _split(text: str) -> tuple[str, tuple[str, ...]]:
    """The name and version of ``channel::name=version``."""
    name, _, version = text.rpartition("::")[2].replace("==", "=").partition("=")
    return name.strip(), (version.strip(),) if version.strip() else ()


def _has(prefix: Path, name: str, versions: Sequence[str]) -> bool:
    """Tell whether a conda environment holds a package, by the records that conda keeps."""
    return any(
        not versions or version in versions for version in _versions(prefix / "conda-meta", name)
    )


def _versions(records: Path, name: str) -> Iterator[str]:
    try:
        found = list(records.iterdir())
    except OSError:  # another user's, or none any more
        return
    for path in found:
        own, _, version = path.name.removesuffix(".json").rpartition("-")[0].rpartition("-")
        if own == name and path.suffix == ".json":
            yield version


def _missing(report: Report, what: str, required: bool) -> None:
    report.add(
        "FWF4021",
        f"the task asks for {what}, which is neither a module nor in a conda environment here",
        severity="warning" if required else "note",
        hint="its programs are taken from PATH",
    )
