"""Where the comments of a document are put in what is written."""

from __future__ import annotations

from collections.abc import Mapping

from fairwf_cwl.write.yaml_text import Commented


class Comments:
    """The document's comments; each is put before the nearest place that the result has."""

    def __init__(self, comments: Mapping[str, tuple[str, ...]]) -> None:
        self.left = dict(comments)
        self.places: dict[str, tuple[Commented, str | None]] = {}

    def place(self, path: str, tree: Commented, key: str | None) -> None:
        """Remember where a node of the IR stands; a key of None is the end of a map."""
        self.places.setdefault(path, (tree, key))

    def put(self) -> None:
        """Put every comment in its place."""
        for path, texts in self.left.items():
            while path and path not in self.places:
                path = path.rsplit("/", 1)[0]
            tree, key = self.places[path]
            if key is None:
                tree.after.extend(texts)
            else:
                tree.before[key] = (*tree.before.get(key, ()), *texts)

    def inside(self, path: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the comments of the node at a path and of those inside it, by paths from there."""
        return tuple(
            (at[len(path) :], texts)
            for at, texts in self.left.items()
            if at == path or at.startswith(f"{path}/")
        )

    def drop(self, path: str) -> None:
        """Forget the comments of the node at a path and of those inside it: they stand already."""
        for at, _ in self.inside(path):
            del self.left[path + at]
