"""Files of this workflow: as values, as words of commands, and as what tasks leave behind."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shlex

import fairwf_functions as std


def at(path, kind="File"):
    """Return the file or folder at a path as a value."""
    return {"class": kind, "path": str(path)}


def given(value, kind=None, patterns=()):
    """Return a value of the configuration: texts are paths where ``kind`` says so."""
    if isinstance(value, list):
        return [given(one, kind, patterns) for one in value]
    if isinstance(value, str) and kind is not None:
        return beside(at(value, kind), patterns)
    if not isinstance(value, dict):
        return value
    if "contents" in value and value.get("class") == "File" and "path" not in value:
        return literal(value.get("basename", "text"), value["contents"])
    if value.get("class") in ("File", "Directory"):
        return beside({**value, "path": value.get("path", value.get("location"))}, patterns)
    return {key: given(one) for key, one in value.items()}


def files_in(value, kind=None):
    """Return the paths of all files in a value of the configuration, for rules to depend on."""
    if isinstance(value, list):
        return [path for one in value for path in files_in(one, kind)]
    if isinstance(value, str):
        return [value] if kind is not None and "://" not in value else []
    if not isinstance(value, dict):
        return []
    if value.get("class") in ("File", "Directory"):
        path = value.get("path", value.get("location"))
        return [] if path is None or "://" in path else [path]
    return [path for one in value.values() for path in files_in(one)]


def pattern_name(name, pattern):
    """Return the name of a secondary file: each leading ``^`` strips an extension."""
    while pattern.startswith("^"):
        pattern = pattern[1:]
        stem, dot, _ = name.rpartition(".")
        name = stem if dot and stem else name
    return name + pattern


def beside(value, patterns, required=()):
    """Return a value with the secondary files that lie beside its files."""
    if not patterns or value is None:
        return value
    if isinstance(value, list):
        return [beside(one, patterns, required) for one in value]
    if not isinstance(value, dict) or value.get("class") != "File":
        return value
    folder, name = os.path.split(value["path"])
    found = {os.path.basename(one["path"]): one for one in value.get("secondaryFiles", [])}
    for pattern in patterns:
        path = os.path.join(folder, pattern_name(name, pattern))
        if os.path.exists(path):
            kind = "Directory" if os.path.isdir(path) else "File"
            found.setdefault(os.path.basename(path), at(path, kind))
        elif pattern in required:
            raise FileNotFoundError(f"{path}: the secondary file of {value['path']} is missing")
    return {**value, "secondaryFiles": list(found.values())} if found else value


def literal(name, text):
    """Return a file of this name and text; it is made where it is not there yet."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise ValueError(f"{name!r}: a file has a name without folders")
    digest = hashlib.sha256(f"{name}\0{text}".encode()).hexdigest()[:16]
    path = os.path.join("values", "literals", digest, name)
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".part", "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        os.replace(path + ".part", path)
    return at(path)


def load(path):
    """Return the value that a JSON file holds."""
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)


def save(path, value):
    """Write a value into a JSON file."""
    with open(path, "w", encoding="utf-8") as stream:
        json.dump(value, stream, indent=2, ensure_ascii=False)
        stream.write("\n")


def skip(paths):
    """Write nulls for the outputs of a step that does not run."""
    for path in paths:
        save(path, None)


def nested(values, *lengths):
    """Return values in arrays of arrays of these lengths."""
    if len(lengths) < 2:
        return values
    size = len(values) // (lengths[0] or 1)
    parts = (values[i * size : (i + 1) * size] for i in range(lengths[0]))
    return [nested(part, *lengths[1:]) for part in parts]


def read_text(value):
    """Return the whole text of a file."""
    with open(std.path_of(value), encoding="utf-8", newline="") as stream:
        return stream.read()


def read_lines(value):
    """Return the lines of a file without their ends."""
    text = read_text(value).replace("\r\n", "\n")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def read_tsv(value):
    """Return the fields of a file's lines, by tabulator."""
    return [line.split("\t") for line in read_lines(value)]


def with_contents(value):
    """Return files with their text as contents."""
    if isinstance(value, list):
        return [with_contents(one) for one in value]
    if not std.is_file(value):
        return value
    if os.path.getsize(value["path"]) > 64 * 1024:
        raise ValueError(f"{value['path']}: contents are loaded of up to 64 KiB")
    return {**value, "contents": read_text(value)}


def with_listing(value, depth):
    """Return folders with what is in them; ``depth`` is ``shallow`` or ``deep``."""
    if isinstance(value, list):
        return [with_listing(one, depth) for one in value]
    if not isinstance(value, dict) or value.get("class") != "Directory":
        return value
    found = []
    for name in sorted(os.listdir(value["path"])):
        path = os.path.join(value["path"], name)
        inside = at(path, "Directory" if os.path.isdir(path) else "File")
        found.append(with_listing(inside, depth) if depth == "deep" else inside)
    return {**value, "listing": found}


def secondary(value, ending):
    """Return the secondary file whose name ends so, or none."""
    for one in value.get("secondaryFiles", []):
        if one["path"].endswith(ending):
            return one
    return None


def if_exists(value):
    """Return the file, or none where nothing lies there."""
    return value if value is not None and os.path.exists(std.path_of(value)) else None


def word(value):
    """Return a value as one word of a command, not quoted."""
    if isinstance(value, str):
        return value
    if std.is_file(value):
        return std.path_of(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return std.decimal_text(value)
    return std.json_text(value)


def words(value, prefix=None, separate=True, separator=None, items=None, fields=(), quote=True,
          compute=None):  # fmt: skip
    """Return the words that a value gives on a command line, as a list of quoted texts."""
    if value is None:
        return []
    if compute is not None:
        value = compute(value)
    if value is None or value is False:
        return []
    shown = shlex.quote if quote else str
    before = [] if prefix is None else [shown(prefix)]
    if value is True:
        return before
    if isinstance(value, list):
        if not value:
            return []
        if separator is None:
            each = items or {"quote": quote}
            return before + [text for one in value for text in words(one, **each)]
        value = separator.join(map(word, value))
    elif isinstance(value, dict) and not std.is_file(value):
        return before + [t for name, how in fields for t in words(value.get(name), **how)]
    text = word(value)
    if prefix is not None and not separate:
        return [shown(prefix + text)]
    return [*before, shown(text)]


def line(*parts):
    """Return lists of words as one text."""
    return " ".join(text for part in parts for text in part)


def written(value, separator=None, yes=None, no=None, otherwise=None, quote=False):
    """Return a value as a script's text has it."""
    if value is None and otherwise is not None:
        value = otherwise()
    if isinstance(value, list):
        if separator is None:
            raise ValueError("an array needs a separator to be written")
        return separator.join(written(one, quote=quote) for one in value)
    if isinstance(value, bool) and yes is not None and no is not None:
        return yes if value else no
    if value is None:
        return ""
    return shlex.quote(word(value)) if quote else word(value)


def staged(*entries):
    """Return shell commands that put things into the current folder before a task starts."""
    lines = []
    for value, name, writable in entries:
        for one in value if isinstance(value, list) else [value]:
            lines += _stage(one, name, writable)
    return "; ".join(lines) or "true"


def _stage(value, name, writable):
    if value is None:
        return []
    if name is not None and (name.startswith("/") or ".." in name.split("/") or "\0" in name):
        raise ValueError(f"{name!r}: what is put into the task's folder lies in it")
    if not std.is_file(value):
        text = value if isinstance(value, str) else std.json_text(value, ", ", ": ")
        return [*_folder(name), f"printf %s {shlex.quote(text)} > {shlex.quote(name)}"]
    path = std.path_of(value)
    target = name or os.path.basename(path)
    how = "cp -rL" if writable else "ln -sfn"
    lines = [*_folder(target), f"{how} {shlex.quote(path)} {shlex.quote(target)}"]
    for one in value.get("secondaryFiles", []):
        beside_it = os.path.join(os.path.dirname(target), os.path.basename(one["path"]))
        lines += _stage(one, beside_it, writable)
    return lines


def _folder(name):
    folder = os.path.dirname(name)
    return [f"mkdir -p {shlex.quote(folder)}"] if folder else []


def matching(folder, patterns):
    """Return the files and folders of a task's folder that match, as values."""
    found = []
    for pattern in patterns:
        for one in pattern if isinstance(pattern, list) else [pattern]:
            name = os.path.relpath(one, os.path.abspath(folder)) if one.startswith("/") else one
            if ".." in name.split("/"):
                raise ValueError(f"{name}: an output lies in the task's folder")
            name = name.rstrip("/") or "."
            root = os.path.normpath(folder)
            if name == ".":
                paths = [root]
            else:
                paths = sorted(glob.glob(os.path.join(glob.escape(root), name)))
            for path in paths:
                found.append(at(path, "Directory" if os.path.isdir(path) else "File"))
    return found


def one_of(matches, what):
    """Return the only match; none without one."""
    if len(matches) > 1:
        names = ", ".join(one["path"] for one in matches[:3])
        raise ValueError(f"{what}: one file is wanted, found {names}")
    return matches[0] if matches else None


def needed(value, what):
    """Return a value that must be there."""
    if value is None:
        raise FileNotFoundError(f"{what}: the task did not make it")
    return value


def outputs(values):
    """Return the output object of the workflow: paths are absolute, names of files are there."""
    return {name: _shown(value) for name, value in values.items()}


def _shown(value):
    if isinstance(value, list):
        return [_shown(one) for one in value]
    if not isinstance(value, dict):
        return value
    if std.is_file(value):
        path = std.path_of(value)
        value = {**value, "path": path, "basename": os.path.basename(path)}
    return {key: _shown(one) if key != "path" else one for key, one in value.items()}
