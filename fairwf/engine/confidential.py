"""Secret inputs: values that nothing that a run leaves behind may show.

Implements cwltool's extension ``cwltool:Secrets`` in terms of the IR's ``secret`` ports. A secret
text is replaced by a placeholder before a run begins; the placeholder travels through journal,
events, expressions between steps, crates and previews. The value is put in only where a program
gets it: its words, its variables, its script, and the files that are written for it. Texts of
programs are searched for it: logs and messages when they end, their folders when the session does.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from fairwf.ir.expressions import Expr, File, Input, Opaque, State
from fairwf.ir.origins import Origins
from fairwf.ir.values import Value
from fairwf.ir.walk import children
from fairwf.ir.workflow import Process, ProcessRef, Step, Workflow
from fairwf.report import InvalidError, Report
from fairwf.source import SourceError, load_structured, plain

SHORTEST = 4
"""Shorter secrets are not searched for in texts: they would be found everywhere."""
HIDDEN = "(secret)"
VARIABLE = "FAIRWF_SECRET_"
"""What an environment variable begins with that gives ``fairwf resume`` a secret input."""

_PLACEHOLDER = re.compile(r"\(secret-[0-9a-f]{24}\)")
_BLOCK = 1 << 20


class Secrets:
    """The secret values of a run by their placeholders. ``names`` are inputs by placeholder."""

    def __init__(
        self, values: Mapping[str, str] | None = None, names: Mapping[str, str] | None = None
    ) -> None:
        self._values = dict(values or {})
        self.names = dict(names or {})
        self._search()

    def _search(self) -> None:
        forms = {form for value in self._values.values() for form in _forms(value)}
        self._forms = sorted(forms, key=len, reverse=True)
        self._octets = [form.encode("utf-8", "surrogateescape") for form in self._forms]

    def __bool__(self) -> bool:
        return bool(self.names)

    # --- values

    def hidden(self, name: str, value: Value) -> Value:
        """Return the value of a secret input with placeholders for every text in it."""
        if isinstance(value, str):
            known = {text: placeholder for placeholder, text in self._values.items()}
            placeholder = known.get(value) or f"(secret-{os.urandom(12).hex()})"
            self._values[placeholder], self.names[placeholder] = value, name
            self._search()
            return placeholder
        if isinstance(value, Mapping):
            return {key: self.hidden(name, item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.hidden(name, item) for item in value]
        return value

    def touches(self, value: Any) -> bool:
        """Tell whether a placeholder is in a value."""
        if isinstance(value, str):
            return any(placeholder in value for placeholder in self.names)
        if isinstance(value, Mapping):
            return any(map(self.touches, value.values()))
        if isinstance(value, (list, tuple)):
            return any(map(self.touches, value))
        return isinstance(value, File) and self.touches(value.contents)

    def revealed(self, value: Any) -> Any:
        """Return a value with the secrets in the places of their placeholders.

        Raises:
            InvalidError: FWF4033, the run was resumed without one.
        """
        if isinstance(value, str):
            return _PLACEHOLDER.sub(self._reveal, value) if "(secret-" in value else value
        if isinstance(value, Mapping):
            return {key: self.revealed(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.revealed(item) for item in value]
        if isinstance(value, File) and value.contents is not None:
            return msgspec.structs.replace(value, contents=self.revealed(value.contents))
        return value

    def _reveal(self, match: re.Match[str]) -> str:
        placeholder = match[0]
        if placeholder not in self.names:
            return placeholder
        if placeholder not in self._values:
            name = self.names[placeholder]
            raise InvalidError.of(
                "FWF4033",
                f"the secret input {name!r:.80} is not kept with the run",
                hint=f"give it to `fairwf resume` in the variable {VARIABLE}{name}",
            )
        return self._values[placeholder]

    # --- texts

    def hidden_text(self, text: str) -> str:
        """Return a text without the secrets."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text

    def hidden_report(self, report: Report) -> Report:
        """Return findings without the secrets."""
        if not self._forms:
            return report
        clean = Report()
        for found in report:
            hint = self.hidden_text(found.hint) if found.hint is not None else None
            clean.diagnostics.append(
                msgspec.structs.replace(found, message=self.hidden_text(found.message), hint=hint)
            )
        return clean

    def redacted(self, data: bytes) -> bytes:
        """Return octets without the secrets."""
        for form in self._octets:
            data = data.replace(form, HIDDEN.encode())
        return data

    def written_in(self, data: bytes) -> bool:
        """Tell whether a YAML or JSON text says a secret in other words, with escapes or folds."""
        if not self:
            return False
        try:
            said = json.dumps(plain(load_structured(data, "")), ensure_ascii=False)
        except SourceError:
            return True  # nobody can tell
        return any(json.dumps(v, ensure_ascii=False)[1:-1] in said for v in self._values.values())

    # --- files

    def in_file(self, path: Path) -> bool:
        """Tell whether a regular file holds a secret; False where it cannot be read."""
        if not self._octets:
            return False
        longest = max(map(len, self._octets))
        try:
            with path.open("rb") as stream:
                kept = b""
                while block := stream.read(_BLOCK):
                    kept = kept[-longest:] + block
                    if any(form in kept for form in self._octets):
                        return True
        except OSError:
            return False
        return False

    def inside(self, path: Path) -> bool:
        """Tell whether a file, or a file of a folder, holds a secret; links are not followed."""
        if not path.is_dir():
            return self.in_file(path)
        files = (each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
        return any(map(self.in_file, files))

    def redact(self, *places: Path) -> None:
        """Take the secrets out of files, and of all files in folders; links are not followed.

        A file of two names is left: it may belong to somebody else.
        """
        if not self._octets:
            return
        for place in places:
            for path in _files(place):
                if self.in_file(path):
                    self._redact(path)

    def _redact(self, path: Path) -> None:
        import tempfile

        mode = stat.S_IMODE(path.stat().st_mode)
        before = path.read_bytes()
        data = self.redacted(before)
        if len(data) == len(before):
            data += b"\n"  # so that a resumed run sees that this is not what the task made
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".fairwf-", delete=False) as new:
            new.write(data)
        os.chmod(new.name, mode)
        os.replace(new.name, path)


def _files(place: Path) -> Iterator[Path]:
    try:
        status = place.lstat()
    except OSError:
        return
    if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
        yield place
    elif stat.S_ISDIR(status.st_mode):
        for folder, _, names in os.walk(place):
            for name in names:
                yield from _files(Path(folder, name))


def _forms(value: str) -> Iterator[str]:
    """The ways in which a secret may stand in a text."""
    if len(value) < SHORTEST:
        return
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    yield shlex.quote(value)
    yield value.replace("'", "'\"'\"'")


# --- which inputs are secret --------------------------------------------------------------------


def secret_inputs(process: Process) -> set[str]:
    """Return the inputs that are secret: by their port, or because a secret port gets them."""
    return _secret_inputs(process, {})


def _secret_inputs(process: Process, shared: Mapping[str, Process]) -> set[str]:
    found = {port.id for port in process.inputs if port.secret}
    if isinstance(process, Workflow):
        known = {**shared, **process.processes}
        for step in process.steps:
            run = known.get(step.run.name) if isinstance(step.run, ProcessRef) else step.run
            if run is not None:
                for name in _secret_inputs(run, known):
                    found.update(_sources(step, name))
    return found


def _sources(step: Step, port: str) -> Iterator[str]:
    given = step.inputs.get(port)
    if given is not None:
        yield from _inputs(given, step)


def _inputs(expression: Expr, step: Step) -> Iterator[str]:
    """The inputs of the workflow that an expression of a step uses, directly or in a loop.

    What an opaque text uses beside ``self`` may be anything: only ``self`` counts, if it sees one.
    """
    if isinstance(expression, Input):
        yield expression.name
    elif isinstance(expression, State) and step.loop is not None:
        if expression.name in step.loop.state:
            yield from _inputs(step.loop.state[expression.name], step)
    elif isinstance(expression, Opaque):
        own = [each for each in expression.bindings if each.path == ("self",)]
        for binding in own or expression.bindings:
            yield from _inputs(binding.value, step)
    else:
        for _, child in children(expression):
            yield from _inputs(child, step)  # type: ignore[arg-type]  # children of expressions


def hide_inputs(
    root: Any, inputs: Mapping[str, Value], origins: Origins, report: Report
) -> tuple[Secrets, dict[str, Value]]:
    """Return the secrets among the inputs of a run, and the inputs without them.

    Warns with FWF4034 of what cannot be hidden: values that are no texts.
    """
    secrets = Secrets()
    hidden = dict(inputs)
    if not hasattr(root, "inputs"):
        return secrets, hidden
    names = secret_inputs(root)
    for port in root.inputs:
        value = inputs.get(port.id)
        if port.id not in names or value is None:
            continue
        hidden[port.id] = secrets.hidden(port.id, value)
        if _holds_others(value):
            report.add(
                "FWF4034",
                f"the input {port.id!r:.80} is secret, but only texts in it are hidden",
                span=origins.get(port),
                hint="give secrets as texts; what a file holds is not hidden",
            )
    return secrets, hidden


def _holds_others(value: Value) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_others, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_holds_others, value))
    return value is not None and not isinstance(value, str)


def from_variables(names: Mapping[str, str]) -> Secrets:
    """Return the secrets of a run that is resumed, as far as environment variables give them."""
    values = {
        placeholder: os.environ[VARIABLE + name]
        for placeholder, name in names.items()
        if VARIABLE + name in os.environ
    }
    return Secrets(values, names)
