"""Where files lie, seen from the document that names them.

A document that is carried to another machine names no folders of this one.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from fairwf.ir.instance import Instance
from fairwf.ir.iris import file_path


def located(instance: Instance, file: str | None, folder: Path | None) -> Instance:
    """Return the instance with locations that count from ``folder``; without one, as it is.

    Relative ones count from the folder of ``file``, which the instance was read from. What shares
    no folder with the document but the root of the file system stays absolute.
    """
    if folder is None or not instance.files.location:
        return instance
    base = Path(file).absolute().parent if file is not None else None
    places = [
        None if location is None else _from(location, base, folder.absolute())
        for location in instance.files.location
    ]
    files = msgspec.structs.replace(instance.files, location=places)
    return msgspec.structs.replace(instance, files=files)


def _from(location: str, base: Path | None, folder: Path) -> str:
    if location.startswith("file:"):
        named = file_path(location)
        if named is None or not named.startswith("/"):
            return location
        path = Path(named)
    elif "://" in location or (base is None and not location.startswith("/")):
        return location
    else:
        path = (base or folder) / location
    path = Path(os.path.normpath(path))
    if os.path.commonpath([path, folder]) == "/":
        return location if location.startswith(("file:", "/")) else str(path)
    return os.path.relpath(path, folder)
