"""A container backend for miniwdl without containers: tasks run on the host, inputs in place."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from WDL import Error
from WDL.runtime import config
from WDL.runtime.backend.cli_subprocess import SubprocessBase


class HostContainer(SubprocessBase):
    """Runs a task's command in its work folder; whatever image it names is not used."""

    cli_name = "host"

    def __init__(self, cfg: config.Loader, run_id: str, host_dir: str) -> None:
        super().__init__(cfg, run_id, host_dir)
        self.container_dir = self.host_dir

    @classmethod
    def global_init(cls, cfg: config.Loader, logger: logging.Logger) -> None:
        """There is nothing to prepare."""

    def _pull_invocation(self, logger: logging.Logger, cleanup: ExitStack) -> tuple[str, list[str]]:
        return ("", [])

    def add_paths(self, host_paths: Iterable[str]) -> None:
        """Let the task see each input where it is."""
        for path in host_paths:
            if not Path(path).exists():
                raise Error.InputError(f"input path not found: {path}")
            self.input_path_map[path] = path
            self.input_path_map_rev[path] = path

    def _input_host_path(self, container_path: str) -> tuple[bool, str | None]:
        if container_path in self.input_path_map_rev:
            return True, container_path
        real = os.path.normpath(container_path)
        for folder in self.input_path_map_rev:
            if folder.endswith("/") and real.startswith(folder):
                return True, container_path
        return False, None

    def _run_invocation(self, logger: logging.Logger, cleanup: ExitStack, image: str) -> list[str]:
        return ["env", "-C", self.host_work_dir()]
