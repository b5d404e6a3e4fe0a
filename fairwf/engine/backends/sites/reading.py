"""The sites and bindings of a deployment file, each mistake told with its place."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec

from fairwf.engine.backends.deployment import (
    OF_SITES,
    Deployment,
    Mover,
    SiteSettings,
    refuse_unknown,
    settings_in,
)
from fairwf.engine.backends.names import BACKENDS, PILOTS
from fairwf.engine.backends.sites.binding import names_something, steps_of
from fairwf.ir.codec import Root
from fairwf.report import InvalidError, Report
from fairwf.source import did_you_mean, nearest, plain, span_of

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@%+-]*")
_OWN_JOBS = ("setup", "shell", "python", "lost_retries")
"""What is heeded of ``jobs`` where our own program runs the tasks."""


def read_sites(root: Mapping[str, Any], path: Path, workflow: Root | None) -> Deployment:
    """Return the deployment of a file that names sites.

    Raises:
        InvalidError: FWF4042, for each mistake.
    """
    return _Reader(root, path).all(workflow)


class _Reader:
    def __init__(self, root: Mapping[str, Any], path: Path) -> None:
        self.root = root
        self.path = path
        self.report = Report()

    def refuse(
        self, where: tuple[str | int, ...], text: str, hint: str | None = None, key: bool = False
    ) -> None:
        """Report a mistake; ``key``: in a name, not in what stands behind it."""
        span = span_of(self.root, where)
        if key:
            around: Any = self.root
            for part in where[:-1]:
                around = around[part]
            if hasattr(around, "key_span"):
                span = around.key_span(str(where[-1]))
        self.report.add("FWF4042", text, span=span, hint=hint, file=str(self.path))

    def all(self, workflow: Root | None) -> Deployment:
        root = self.root
        for name in root:
            if name in OF_SITES:
                continue
            hint = did_you_mean(name, OF_SITES) or f"known: {', '.join(OF_SITES)}"
            text = f"there is no setting {name!r:.60}"
            if name in Deployment.__struct_fields__:
                text = f"{name!r} is said of each site, where there are several"
                hint = f"sites: {{SITE: {{jobs: {{{name}: ...}}}}}}"
            self.refuse((name,), text, hint, key=True)
        sites = self.sites(root.get("sites"))
        steps = self.steps(root.get("steps"), sites, workflow)
        default = root.get("default")
        if default is not None and default not in sites:
            self.unknown_site(("default",), default, sites)
        if self.report.errors:
            raise InvalidError(self.report)
        made = {name: site for name, site in sites.items() if site is not None}
        return Deployment(sites=made, steps=steps, default=default)

    def sites(self, given: Any) -> dict[str, SiteSettings | None]:
        if not isinstance(given, dict) or not given:
            self.refuse(("sites",), "sites: is no map of sites by their names")
            return {}
        found: dict[str, SiteSettings | None] = {}
        for name, said in given.items():
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                text = f"{name!r:.60} is no name of a site: letters, digits, and _ . - between them"
                self.refuse(("sites", name), text, key=True)
            found[name] = self.site(name, {} if said is None else said)
        return found

    def site(self, name: str, said: Any) -> SiteSettings | None:
        at = ("sites", name)
        if not isinstance(said, dict):
            self.refuse(at, f"{name}: is no map of settings")
            return None
        before = len(self.report.errors)
        known = SiteSettings.__struct_fields__
        refuse_unknown(said, known, self.path, self.report)
        for setting in known:
            if setting in said and setting != "jobs":
                try:
                    msgspec.convert({setting: plain(said[setting])}, SiteSettings)
                except msgspec.ValidationError as error:
                    text, hint = str(error).split(" - at")[0].lower(), None
                    if setting == "mover":
                        movers = get_args(Mover)
                        hint = did_you_mean(str(said[setting]), movers)
                        hint = hint or f"known: {', '.join(movers)}"
                    self.refuse((*at, setting), f"{setting}: {text}", hint)
        jobs = None
        if said.get("jobs") is not None:
            if isinstance(said["jobs"], dict):
                jobs = settings_in(said["jobs"], self.path, self.report)
            else:
                self.refuse((*at, "jobs"), "jobs: is no map of settings")
        if len(self.report.errors) > before:
            return None
        rest = {key: plain(value) for key, value in said.items() if key != "jobs"}
        made = msgspec.structs.replace(msgspec.convert(rest, SiteSettings), jobs=jobs)
        made = self.placed(made)
        self.check(at, made)
        return made

    def placed(self, site: SiteSettings) -> SiteSettings:
        """Return a site whose root on this machine counts from the file."""
        if site.root is None or site.host is not None:
            return site
        return msgspec.structs.replace(site, root=os.path.abspath(self.path.parent / site.root))

    def check(self, at: tuple[str | int, ...], site: SiteSettings) -> None:
        self.check_backend(at, site)
        moved = site.mover != "shared"
        if moved and site.root is None:
            self.refuse(
                (*at, "mover"),
                f"the mover {site.mover!r} brings files to a folder, and none is named",
                "root: FOLDER, an absolute path on that machine",
            )
        if not moved and site.root is not None:
            self.refuse(
                (*at, "root"),
                "a site that shares the file system has no root of its own",
                "name a mover (local or rsync), or leave the root out",
                key=True,
            )
        if site.mover == "rsync" and site.host is None:
            self.refuse(
                (*at, "mover"),
                "the mover 'rsync' goes over ssh, and no host is named",
                "host: NAME, or mover: local for another folder of this machine",
            )
        if site.mover == "local" and site.host is not None:
            self.refuse(
                (*at, "mover"),
                f"the mover 'local' copies on this machine, and the site is {site.host!r:.60}",
                "mover: rsync",
            )
        if site.host is not None and not _HOST.fullmatch(site.host):
            text = f"{site.host!r:.60} is no host"
            self.refuse((*at, "host"), text, "HOST or USER@HOST; more goes into ~/.ssh/config")
        if site.root is not None and not os.path.isabs(site.root):
            self.refuse((*at, "root"), f"{site.root!r:.60} is not absolute")
        if site.root is not None and any(c in site.root for c in "\0\n"):
            self.refuse((*at, "root"), "root: holds a line break")
        if site.cores is not None and not 0 < site.cores <= 2**20:
            self.refuse((*at, "cores"), "cores: must be above 0, and 1048576 at most")
        if not 0 <= site.keep_mib <= 2**40:
            self.refuse((*at, "keep_mib"), "keep_mib: must be from 0 on")
        if site.memory_mib is not None and not 0 < site.memory_mib <= 2**30:
            self.refuse((*at, "memory_mib"), "memory_mib: must be above 0, and 1073741824 at most")
        self.check_programs(at, site)

    def check_backend(self, at: tuple[str | int, ...], site: SiteSettings) -> None:
        name, where = site.backend, (*at, "backend")
        pilots = name.startswith(PILOTS) and name != PILOTS
        if name not in BACKENDS and not pilots:
            known = f"{', '.join(BACKENDS)}, {PILOTS}LABEL"
            hint = did_you_mean(name, BACKENDS) or f"known: {known}"
            self.refuse(where, f"no backend {name!r:.40}", hint)
        elif name != "local" and site.apart:
            why = f"on {site.host!r:.60}" if site.host is not None else "in a folder of its own"
            self.refuse(
                where,
                f"{name!r:.60} cannot be used {why}: its scheduler is asked from here, "
                "and its jobs read the run directory",
                "start `fairwf run` on a machine that shares the file system with it, or let the "
                "site's backend be local",
            )
        elif pilots and (site.jobs is None or site.jobs.parsl is None):
            self.refuse(
                where,
                f"{name!r:.60} is an executor in a configuration of Parsl, and none is given",
                "jobs: {parsl: FILE.py}",
            )
        elif name == "local" and site.jobs is not None:
            heeded = _OWN_JOBS if site.apart else ()
            told = [
                each
                for each in Deployment.__struct_fields__
                if getattr(site.jobs, each) != getattr(Deployment(), each) and each not in heeded
            ]
            for each in told:
                self.refuse(
                    (*at, "jobs", each),
                    f"{each!r} is said of jobs, and the tasks of this site run in none",
                    f"heeded here: {', '.join(heeded)}" if heeded else "leave `jobs` out",
                    key=True,
                )

    def check_programs(self, at: tuple[str | int, ...], site: SiteSettings) -> None:
        wanted = []
        if site.host is not None:
            wanted.append(("ssh", site.ssh, "openssh-client"))
        if site.mover == "rsync":
            wanted.append(("rsync", site.rsync, "rsync"))
        for setting, words, package in wanted:
            if not words or shutil.which(words[0]) is None:
                program = words[0] if words else setting
                where = (*at, setting) if words and words[0] != setting else (*at, "mover")
                if setting == "ssh" and where[-1] == "mover":
                    where = (*at, "host")
                self.refuse(
                    where,
                    f"the program {program!r:.60} is not on PATH here",
                    f"install it (Debian: apt-get install {package})",
                )

    def steps(
        self, given: Any, sites: Mapping[str, SiteSettings | None], workflow: Root | None
    ) -> dict[str, str]:
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.refuse(("steps",), "steps: is no map from steps to sites")
            return {}
        paths = list(steps_of(workflow)) if workflow is not None else None
        found: dict[str, str] = {}
        for pattern, site in given.items():
            if not isinstance(pattern, str) or not all(pattern.split("/")):
                self.refuse(("steps", pattern), f"{pattern!r:.60} is no path of steps", key=True)
                continue
            if site not in sites:
                self.unknown_site(("steps", pattern), site, sites)
                continue
            found[pattern] = site
            if paths is not None and not names_something(pattern, paths):
                hint = _nearest_step(pattern, [path for path, _ in paths])
                text = f"no step of the workflow is called {pattern!r:.80}"
                self.refuse(("steps", pattern), text, hint, key=True)
        return found

    def unknown_site(
        self, where: tuple[str | int, ...], site: object, sites: Mapping[str, object]
    ) -> None:
        hint = did_you_mean(str(site), sites) or f"sites: {', '.join(map(str, sites))}"
        self.refuse(where, f"there is no site {site!r:.60}", hint)


def _nearest_step(pattern: str, paths: Sequence[tuple[str, ...]]) -> str:
    whole = {"/".join(path): path for path in paths}
    last = {path[-1]: name for name, path in reversed(whole.items())}
    near = nearest(pattern, whole) or last.get(nearest(pattern.rpartition("/")[2], last) or "")
    if near is not None:
        return f"did you mean {near!r}?"
    return f"steps: {', '.join(list(whole)[:12])}"
