"""Building the site: a folder for each version, and a page that lists them.

``v1/``, ``v2/`` ... hold the crate unpacked, its page with Signposting, the link set and the crate
as one zip file; ``draft/`` is one that is not published yet. Each appears whole or not at all.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

from fairwf.atomic import try_folder, write_file
from fairwf.crates import open_crate
from fairwf.crates.packing import LINK_SET, link_set
from fairwf.crates.preview import render, style
from fairwf.crates.read import Crate
from fairwf.crates.target import staged
from fairwf.entities.metadata import FILES
from fairwf.publish.http import parse_address
from fairwf.publish.site.signposting import Link, links_of, with_links
from fairwf.publish.subject import Subject, pack
from fairwf.publish.target import Order, Publication, SentFile
from fairwf.report import EnvironmentFault, InvalidError, Report, UsageFault

INDEX = "index.html"
DRAFT = "draft"
_VERSION = re.compile(r"v([1-9]\d{0,5})\Z")
_ZIP_TYPE = "application/zip"


class Site:
    """The target ``folder``."""

    def publish(self, subject: Subject, order: Order, report: Report) -> Publication:
        """Write a draft or a new version of the site of a crate, or plan it.

        Raises:
            InvalidError: a file of the crate is where the site needs its own (FWF5208), or
                something else is in the way.
            UsageFault: the folder lies in the crate, or ``--url`` is no address.
            EnvironmentFault: it cannot be written.
        """
        if order.project is not None:
            raise UsageFault.of("FWF9001", "--to folder has no --project")
        folder = order.output or Path(f"{subject.root.stem}-site")
        address = str(parse_address(order.url, allow_http=True)) if order.url else None
        self._check(subject, folder)
        versions = versions_in(folder)
        number = max(versions, default=0) + 1
        name = f"v{number}" if order.make_public else DRAFT
        if order.dry_run:
            return self._result("planned", subject, folder, name, address)
        try:
            last = folder / f"v{number - 1}" / subject.archive_name
            with staged(folder / name) as place:
                self._fill(place, subject, address, name, number - 1)
                same = last.is_file() and filecmp.cmp(
                    place / subject.archive_name, last, shallow=False
                )
                if same:
                    raise _SameError
        except _SameError:
            self._index(folder, address)
            return self._result("unchanged", subject, folder, f"v{number - 1}", address)
        if not order.make_public:
            return self._result("draft", subject, folder, name, address)
        shutil.rmtree(folder / DRAFT, ignore_errors=True)
        self._index(folder, address)
        return self._result("published", subject, folder, name, address)

    @staticmethod
    def _check(subject: Subject, folder: Path) -> None:
        place = Path(os.path.realpath(folder))
        if place == subject.root or subject.root in place.parents:
            raise UsageFault.of(
                "FWF9001", "the site would lie in the crate", hint="name another folder with -o"
            )
        for own in (INDEX, subject.archive_name, LINK_SET):
            if own in subject.files and not (own == LINK_SET and subject.has_link_set):
                raise InvalidError.of(
                    "FWF5208",
                    f"the crate has a file {own!r:.80}, where the site has its own",
                    file=str(subject.path),
                    hint="move it into a folder of the crate",
                )
        if place.exists() and not place.is_dir():
            raise InvalidError.of("FWF5004", "is no folder", file=str(folder))
        try:
            try_folder(place)
        except OSError as error:
            raise EnvironmentFault.refused(error, file=str(folder)) from None

    def _fill(
        self, place: Path, subject: Subject, address: str | None, name: str, before: int
    ) -> None:
        base = f"{address}/{name}/" if address else "./"
        with open_crate(subject.path) as crate:
            for path in crate.files():
                target = place / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with crate.open_path(path) as source, target.open("wb") as out:
                    shutil.copyfileobj(source, out)
            # Pages and link sets are made for a root that is called ./
            entities = {**crate.entities, "./": crate.root}
            found = link_set(entities, base)
            archive = {"href": urljoin(base, quote(subject.archive_name)), "type": _ZIP_TYPE}
            found["linkset"][0].setdefault("item", []).append(archive)
            text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
            (place / LINK_SET).write_text(text, encoding="utf-8", errors="replace")
            page = _with_download(render(entities), subject.archive_name)
            links = [*links_of(found), *_own_links(name, before)]
            text = with_links(page, links)
            (place / INDEX).write_text(text, encoding="utf-8", errors="replace")
        if subject.root.is_file():
            shutil.copyfile(subject.root, place / subject.archive_name)
        else:
            pack(subject.path, place / subject.archive_name)

    def _index(self, folder: Path, address: str | None) -> None:
        """Write the page that lists the versions; it is made anew from what is there."""
        rows = []
        for number, place in sorted(versions_in(folder).items(), reverse=True):
            with open_crate(place) as crate:
                rows.append((number, _title(crate), crate.root))
        if not rows:
            return
        title = rows[0][1]
        items = "".join(
            f'<tr><td><a href="v{number}/">v{number}</a></td><td>{escape(name)}</td>'
            f"<td>{escape(_text(root.get('version')))}</td>"
            f"<td>{escape(_text(root.get('datePublished')))}</td></tr>"
            for number, name, root in rows
        )
        page = (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(title)}</title>\n<style>{style()}</style>\n</head>\n<body>\n<main>\n"
            f"<h1>{escape(title)}</h1>\n<section><h2>Versions</h2><table><thead><tr><th>Version"
            f"</th><th>Name</th><th>Stated</th><th>Published</th></tr></thead><tbody>{items}"
            "</tbody></table></section>\n</main>\n</body>\n</html>\n"
        )
        newest = f"v{rows[0][0]}/"
        links: list[Link] = [
            ("latest-version", f"{address}/{newest}" if address else newest, "text/html")
        ]
        try:
            write_file(folder / INDEX, with_links(page, links).encode("utf-8", "replace"))
            # GitHub Pages would leave out files whose names begin with a dot or an underscore.
            write_file(folder / ".nojekyll", b"")
        except OSError as error:
            raise EnvironmentFault.refused(error) from None

    @staticmethod
    def _result(
        status: Any, subject: Subject, folder: Path, name: str, address: str | None
    ) -> Publication:
        place = folder / name
        return Publication(
            target="folder",
            server=str(folder),
            status=status,
            record=name,
            version=subject.facts.version,
            doi=next(iter(subject.dois), None),
            url=f"{address}/{name}/" if address else str(place / INDEX),
            files=[
                SentFile(name=f"{name}/{file}", size=size, sent=status not in _IDLE)
                for file, size in subject.files.items()
            ],
        )


_IDLE = ("planned", "unchanged")


class _SameError(Exception):
    """The newest version has these very files."""


def versions_in(folder: Path) -> dict[int, Path]:
    """Return the versions of a site by their numbers."""
    if not folder.is_dir():
        return {}
    found = {}
    for place in folder.iterdir():
        match = _VERSION.match(place.name)
        held = any((place / name).is_file() for name in FILES)
        if match and held and not place.is_symlink():
            found[int(match[1])] = place
    return found


def _own_links(name: str, before: int) -> Iterator[Link]:
    yield "linkset", LINK_SET, "application/linkset+json"
    if name != DRAFT:
        yield "version-history", f"../{INDEX}", "text/html"
        if before:
            yield "predecessor-version", f"../v{before}/", "text/html"


def _with_download(page: str, archive: str) -> str:
    link = f'<p><a href="{escape(quote(archive), quote=True)}">Download all as one zip file</a></p>'
    return page.replace("</main>", f"{link}\n</main>", 1)


def _title(crate: Crate) -> str:
    return _text(crate.root.get("name")) or "RO-Crate"


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""
