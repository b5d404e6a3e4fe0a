"""A program for suites: one warm process that forks for each call, and a client in its place.

    python warm.py SOCKET [fairwf|cwltool|miniwdl]  # the server; prints a line when it is ready
    client SOCKET WORD...                   # see ``client``

A call costs a fork instead of a start of Python with its imports. Each call still is a process of
its own that runs the command line, in the caller's folder, on the caller's standard streams.
"""

from __future__ import annotations

import array
import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

Program = Callable[[list[str]], int]

WARM_UP = """\
cwlVersion: v1.2
class: Workflow
requirements: [{class: InlineJavascriptRequirement}, {class: ScatterFeatureRequirement}]
inputs: {n: {type: 'int[]', default: [1]}}
outputs: {o: {type: Any, outputSource: s/o}}
steps:
  s:
    scatter: n
    in: {n: n}
    out: [o]
    run:
      class: CommandLineTool
      baseCommand: [echo]
      arguments: ['${ return inputs.n + 1; }']
      inputs: {n: int}
      outputs: {o: {type: stdout}}
"""

CLIENT = """\
import array, os, socket, sys, json
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
call = json.dumps([os.getcwd(), sys.argv[2:]]).encode()
fds = array.array("i", [0, 1, 2])
s.sendmsg([len(call).to_bytes(4, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
s.sendall(call)
code = s.recv(4)
sys.exit(int.from_bytes(code, "big") if len(code) == 4 else "the call died")
"""


def client(socket_path: Path, program: Path) -> None:
    """Write a program that calls the server as what it serves would be called."""
    script = program.with_suffix(".py")
    script.write_text(CLIENT)
    python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    program.write_text(f'#!/bin/sh\nexec {python} -I -S "{script}" "{socket_path}" "$@"\n')
    program.chmod(0o755)


def fairwf() -> Program:
    """Warm our command line up, and return it."""
    from fairwf.cli.failures import run_guarded

    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "warm.cwl"
        document.write_text(WARM_UP)
        words = ["run", str(document), "--quiet", "--run-dir", f"{folder}/run"]
        with contextlib.redirect_stdout(io.StringIO()):
            assert run_guarded(words) == 0
    return run_guarded


def cwltool() -> Program:
    """Warm the reference runner up, and return it."""
    from cwltool.main import main, run

    with tempfile.TemporaryDirectory() as folder:
        for version in ("v1.0", "v1.1", "v1.2"):
            document = Path(folder) / "warm.cwl"
            text = WARM_UP.replace("v1.2", version).replace("[1]", "[]")
            document.write_text(text)
            words = ["--quiet", "--no-container", "--validate", str(document)]
            assert main(words, stdout=io.StringIO()) == 0

    def program(words: list[str]) -> int:
        return run(words)

    return program


def miniwdl() -> Program:
    """Warm miniwdl up, and return it."""
    import WDL
    from WDL import CLI, runtime

    assert runtime is not None
    WDL.parse_document("version 1.2\nworkflow w {\n}\n")

    def program(words: list[str]) -> int:
        try:
            CLI.main(words)
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else int(end.code is not None)
        return 0

    return program


@contextlib.contextmanager
def served(name: str) -> Iterator[Path]:
    """Serve a program, and give the one to call in its place."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "socket")
        command = [sys.executable, __file__, str(place), name]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            client(place, Path(folder, name))
            try:
                yield Path(folder, name)
            finally:
                server.terminate()


def serve(socket_path: Path, program: Program) -> None:
    """Fork for every connection until the standard input is closed."""
    signal.signal(signal.SIGCHLD, _reap)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(socket_path))
    server.listen(64)
    print("ready", flush=True)
    while True:
        connection, _ = server.accept()
        if os.fork() == 0:
            server.close()
            os._exit(_answer(connection, program))
        connection.close()


def _reap(number: int, frame: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _answer(connection: socket.socket, program: Program) -> int:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    fds = array.array("i")
    head, extra, _, _ = connection.recvmsg(4, socket.CMSG_SPACE(3 * fds.itemsize))
    fds.frombytes(extra[0][2])
    body = b""
    while len(body) < int.from_bytes(head, "big"):
        body += connection.recv(1 << 16)
    folder, words = json.loads(body)
    for number, descriptor in enumerate(fds):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(folder)
    sys.argv = [sys.argv[0], *words]
    code = program(words)
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(code.to_bytes(4, "big"))
    return 0


if __name__ == "__main__":
    name = sys.argv[2] if len(sys.argv) > 2 else "fairwf"
    serve(Path(sys.argv[1]), {"fairwf": fairwf, "cwltool": cwltool, "miniwdl": miniwdl}[name]())
