"""A server for ssh of our own, on a high port of this machine, with keys of its own."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

NEEDED = ("ssh", "ssh-keygen", "rsync")
_PRIVILEGES = Path("/run/sshd")


@dataclass
class Host:
    """How the server is reached: the words that a site gives for ``ssh``."""

    folder: Path
    port: int

    @property
    def words(self) -> list[str]:
        known = self.folder / "known hosts"
        return [
            "ssh",
            *("-F", "/dev/null", "-p", str(self.port), "-i", str(self.folder / "user key")),
            *("-o", "StrictHostKeyChecking=accept-new", "-o", f'UserKnownHostsFile="{known}"'),
            *("-o", "IdentitiesOnly=yes"),
        ]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _sshd() -> str | None:
    return shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host that is this machine; nothing of the system is changed."""
    sshd = _sshd()
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    if sshd is None or lacking:
        names = " ".join([*lacking, *([] if sshd else ["sshd"])])
        pytest.skip(f"not here: {names} (apt-get install openssh-server rsync)")
    if os.geteuid() != 0:
        pytest.skip("a server for ssh of our own wants to be started by root")
    folder = tmp_path_factory.mktemp("ssh server")
    for name in ("host key", "user key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    port = _free_port()
    lines = [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f'HostKey "{folder / "host key"}"',
        f'AuthorizedKeysFile "{folder / "user key.pub"}"',
        f'PidFile "{folder / "pid"}"',
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
    ]
    (folder / "config").write_text("\n".join(lines) + "\n")
    made = not _PRIVILEGES.exists()
    _PRIVILEGES.mkdir(exist_ok=True)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([sshd, "-D", "-e", "-f", str(folder / "config")], stderr=log)
    try:
        _wait(server, port, folder / "log")
        yield Host(folder, port)
    finally:
        server.terminate()
        server.wait(10)
        if made:
            _PRIVILEGES.rmdir()


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as one:
            one.settimeout(1)
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())
