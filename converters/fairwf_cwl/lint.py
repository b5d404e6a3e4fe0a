"""What the reference implementation's own check says of a document: ``cwltool --validate``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fairwf.formats import Remark, Source
from fairwf.report import EnvironmentFault

_LONGEST_S = 120
_SAID = re.compile(r"^(?P<file>[^\n:]+):(?P<line>\d+):\d+:\s*(?P<text>.+)$", re.M)
_MOST = 200


def lint(source: Source) -> tuple[Remark, ...]:
    """Return what cwltool finds; schemas that a document names on the web may be fetched by it.

    Raises:
        EnvironmentFault: cwltool is not installed, or did not end (FWF5003).
    """
    # Also where fairwf is called without its environment's programs being in PATH.
    places = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    program = shutil.which("cwltool", path=places)
    if program is None or source.path is None:
        raise EnvironmentFault.of("FWF5003", "cwltool is not installed", hint="pip install cwltool")
    with tempfile.TemporaryDirectory() as home:
        call = [program, "--validate", "--disable-color", str(source.path.resolve())]
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR") if key in os.environ}
        try:
            done = subprocess.run(
                call,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_LONGEST_S,
                check=False,
                env={**kept, "HOME": home},
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            raise EnvironmentFault.of(
                "FWF5003",
                f"cwltool --validate did not end within {_LONGEST_S} s",
                hint="it may wait for a network",
            ) from None
    said = [(int(m["line"]), m["text"].strip()[:300]) for m in _SAID.finditer(done.stderr)]
    if done.returncode != 0:
        errors = [Remark("error", text, line) for line, text in said[:_MOST]]
        return tuple(errors) or (Remark("error", done.stderr.strip()[-300:] or "invalid", None),)
    warned = bool(re.search(r"^(?:\S+ )?WARNING\b", done.stderr, re.M))
    return tuple(Remark("warning", text, line) for line, text in said[:_MOST]) if warned else ()
