"""Podman with local images, set up by ``podman_up.sh``; tests are skipped where it cannot be."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("podman_up.sh")
STATE = Path("/var/lib/fairwf-tests/containers")


@pytest.fixture(scope="session")
def podman() -> Iterator[Path]:
    """The podman program, with images named ``debian:stable-slim`` and ``bash:4.4`` and no network.

    Needs root on Debian with the packages podman and runc (`make test` installs them).
    """
    path = shutil.which("podman")
    if os.geteuid() != 0 or path is None or shutil.which("runc") is None:
        pytest.skip("needs root, and the packages podman and runc")
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run([SCRIPT], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"podman cannot be set up here: {done.stderr.strip()[-300:]}")
    settings = done.stdout.strip().removeprefix("CONTAINERS_CONF=")
    before = os.environ.get("CONTAINERS_CONF")
    os.environ["CONTAINERS_CONF"] = settings
    yield Path(path)
    if before is None:
        del os.environ["CONTAINERS_CONF"]
    else:
        os.environ["CONTAINERS_CONF"] = before
