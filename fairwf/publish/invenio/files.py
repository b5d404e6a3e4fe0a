"""Files of a draft: started, sent, committed, compared.

InvenioRDM documentation, "Draft files" and "File transfer" (v13: multipart transfers). What is
there already with the same checksum is not sent again; a large file is sent in parts where the
server takes them, and goes on after the last part that it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from fairwf.publish.http import Answer, Body, Client
from fairwf.publish.http.address import without_query
from fairwf.publish.state import Parts, StateFile
from fairwf.publish.subject import Piece
from fairwf.publish.target import SentFile
from fairwf.report import EnvironmentFault

_PART = 64 * 1024 * 1024
_MOST_PARTS = 10_000
_ATTEMPTS = 3

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Sizes:
    """From how many octets on a file is sent in parts, and how large these are."""

    multipart: int = 4 * _PART
    part: int = _PART


class Files:
    """The files of one draft."""

    def __init__(
        self,
        client: Client,
        record: str,
        state: StateFile,
        say: Callable[[str], None],
        sizes: Sizes | None = None,
    ) -> None:
        self._client = client
        self._path = f"/api/records/{record}/draft/files"
        self._state = state
        self._say = say
        self._sizes = sizes or Sizes()

    def send_all(self, pieces: Iterable[Piece]) -> list[SentFile]:
        """Bring the files to the server and return what became of each.

        Files that an earlier call sent and that are none any more are removed; those that others
        put there stay.

        Raises:
            EnvironmentFault: a file arrives damaged again and again (FWF5206).
        """
        wanted = list(pieces)
        there = self.listed()
        stale = set(self._state.state.files) - {piece.key for piece in wanted}
        for key in sorted(stale & set(there)):
            self._delete(key)
        done = []
        for piece in wanted:
            checksum = f"md5:{piece.md5}"
            self._state.save(files={**self._state.state.files, piece.key: checksum})
            sent = not _is_same(there.get(piece.key), piece)
            if sent:
                self._say(f"sending {piece.key} ({piece.size} octets)")
                self._send(piece, there.get(piece.key))
            done.append(SentFile(name=piece.key, size=piece.size, checksum=checksum, sent=sent))
        self._state.save(files={p.key: f"md5:{p.md5}" for p in wanted}, parts={})
        return done

    def listed(self) -> dict[str, Entry]:
        """Return the files of the draft by name."""
        return entries(self._client.get(self._path))

    # --- one file -----------------------------------------------------------------------------

    def _send(self, piece: Piece, entry: Entry | None) -> None:
        for _ in range(_ATTEMPTS):
            if entry is not None and not self._is_open(entry, piece):
                self._delete(piece.key)
                entry = None
            if entry is None:
                entry = self._start(piece)
            if _transfer(entry) == "M":
                self._send_parts(piece, entry)
            else:
                self._send_whole(piece)
            entry = self._commit(piece)
            if _is_same(entry, piece):
                return
            self._say(f"{piece.key} arrived damaged; sending it again")
        raise EnvironmentFault.of(
            "FWF5206",
            f"{piece.key} arrives at {self._client.address.host} with another checksum than it has "
            f"here ({_checksum(entry)}, not md5:{piece.md5}); {self._client.kept}",
            hint="something on the way changes it: try again later, or from another network",
        )

    def _is_open(self, entry: Entry, piece: Piece) -> bool:
        """Tell whether a file that was started can be gone on with."""
        if entry.get("status") != "pending":
            return False
        if _transfer(entry) != "M":
            return True
        known = self._state.state.parts.get(piece.key)
        return known is not None and known.md5 == piece.md5

    def _start(self, piece: Piece) -> Entry:
        if piece.size >= self._sizes.multipart:
            entry = self._start_parts(piece)
            if entry is not None:
                return entry
        return self._started(piece, {"key": piece.key}) or {}

    def _start_parts(self, piece: Piece) -> Entry | None:
        """Start a file that is sent in parts; None where the server has no such transfer."""
        size = max(self._sizes.part, -(-piece.size // _MOST_PARTS))
        known = {**self._state.state.parts, piece.key: Parts(md5=piece.md5, part_size=size)}
        self._state.save(parts=known)
        transfer = {"type": "M", "parts": -(-piece.size // size), "part_size": size}
        return self._started(piece, {"key": piece.key, "size": piece.size, "transfer": transfer})

    def _started(self, piece: Piece, what: Mapping[str, Any]) -> Entry | None:
        expect = (400, 403) if "transfer" in what else ()

        def act() -> tuple[Entry | None]:
            answer = self._client.send("POST", self._path, data=[what], once=True, expect=expect)
            return (entries(answer).get(piece.key) if answer.ok else None,)

        def look() -> tuple[Entry | None] | None:
            found = self._entry(piece.key)
            return (found,) if found is not None else None

        return self._client.settle(act, look)[0]

    def _send_whole(self, piece: Piece) -> None:
        path = f"{self._path}/{quote(piece.key, safe='')}/content"
        body = Body(piece.path, piece.size)

        def act() -> bool:
            self._client.send("PUT", path, body=body, once=True)
            return True

        def look() -> bool | None:
            # Committed by a call whose answer was lost: nothing can be sent any more.
            entry = self._entry(piece.key)
            return True if entry is not None and entry.get("status") == "completed" else None

        self._client.settle(act, look)

    def _send_parts(self, piece: Piece, entry: Entry) -> None:
        known = self._state.state.parts[piece.key]
        count = -(-piece.size // known.part_size)
        addresses = _part_addresses(entry)
        if not set(range(1, count + 1)) <= set(addresses):
            raise EnvironmentFault.of(
                "FWF5203",
                f"{self._client.address.host} does not say where the parts of {piece.key} go; "
                f"{self._client.kept}",
            )
        for number in range(1, count + 1):
            if number in known.done:
                continue
            start = (number - 1) * known.part_size
            body = Body(piece.path, min(known.part_size, piece.size - start), start)
            self._client.send("PUT", self._part_address(addresses[number]), body=body)
            known.done.append(number)
            self._state.save()

    def _part_address(self, url: str) -> str:
        try:
            found = urljoin(str(self._client.address), url)
            allowed = urlsplit(found).scheme == "https" or self._client.address.owns(found)
        except ValueError:
            found, allowed = url, False
        if not allowed:
            shown = without_query(found)
            raise EnvironmentFault.of("FWF5203", f"parts are to be sent to {shown!r:.80}: refused")
        return found

    def _commit(self, piece: Piece) -> Entry:
        path = f"{self._path}/{quote(piece.key, safe='')}/commit"

        def act() -> Entry:
            found = self._client.send("POST", path, once=True).body
            return found if isinstance(found, dict) else {}

        def look() -> Entry | None:
            entry = self._entry(piece.key)
            return entry if entry is not None and entry.get("status") == "completed" else None

        entry = self._client.settle(act, look)
        # The checksum of what came in parts is computed afterwards.
        patience = self._client.patience.fresh()
        while not _checksum(entry).startswith("md5:") and patience.wait():
            entry = self._entry(piece.key) or {}
        return entry

    def _entry(self, key: str) -> Entry | None:
        path = f"{self._path}/{quote(key, safe='')}"
        answer = self._client.send("GET", path, expect=(404,))
        return answer.body if answer.ok and isinstance(answer.body, dict) else None

    def _delete(self, key: str) -> None:
        self._client.send("DELETE", f"{self._path}/{quote(key, safe='')}", expect=(404,))


def entries(answer: Answer) -> dict[str, Entry]:
    """Return the files of an answer that lists them, by name."""
    listed = answer.get("entries")
    found = listed if isinstance(listed, list) else []
    return {str(e["key"]): e for e in found if isinstance(e, dict) and "key" in e}


def _part_addresses(entry: Entry) -> dict[int, str]:
    """Return where the parts of a file go, by their numbers."""
    links = entry.get("links")
    parts = links.get("parts") if isinstance(links, dict) else None
    found = {}
    for part in parts if isinstance(parts, list) else ():
        number, url = (part.get(k) if isinstance(part, dict) else None for k in ("part", "url"))
        if isinstance(number, int) and isinstance(url, str):
            found[number] = url
    return found


def _transfer(entry: Entry) -> str:
    transfer = entry.get("transfer")
    return str(transfer.get("type")) if isinstance(transfer, dict) else "L"


def _checksum(entry: Entry | None) -> str:
    return str((entry or {}).get("checksum") or "")


def _is_same(entry: Entry | None, piece: Piece) -> bool:
    return (
        entry is not None
        and entry.get("status") == "completed"
        and _checksum(entry) == f"md5:{piece.md5}"
    )
