"""Images that tasks run in: found here, made, or (when a network is allowed) pulled."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from pathlib import Path

from fairwf.engine.containers.engines import ContainerEngine, refusal
from fairwf.ir.environment import Container
from fairwf.source import document_tree, in_tree

_TIMEOUT_S = 3600.0
_CACHES = ("CWL_SINGULARITY_CACHE", "APPTAINER_CACHEDIR", "SINGULARITY_CACHEDIR")
"""Folders of image files: cwltool's, and the engines' own."""


_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_DIGESTS = {
    "podman": "{{.Digest}} sha256:{{.Id}}",
    "docker": "{{json .RepoDigests}} {{.Id}}",
}


class ImageError(Exception):
    """An image is not to be had; ``hint`` says how it may be."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class EngineSilentError(ImageError):
    """The engine has its images elsewhere (docker's daemon), and nobody answers there."""


class Images:
    """The images of one engine. What was found once, or was not, is remembered.

    ``folder`` is what relative paths (``dockerLoad``, image files) count from. Without
    ``allow_network`` nothing is pulled.
    """

    def __init__(self, engine: ContainerEngine, folder: Path, allow_network: bool) -> None:
        self._engine = engine
        self._folder = folder
        self._allow_network = allow_network
        self._known: dict[tuple[str, str | None, str | None, str | None], str | ImageError] = {}
        self._digests: dict[str, str | None] = {}

    def ready(self, container: Container, image: str | None) -> str:
        """Return what to run of a container: a reference in the store, or an image file.

        Implements CWL v1.2 "DockerRequirement": the image's own name, else one that is built,
        loaded or imported, else one that is pulled.

        Raises:
            ImageError: there is none.
        """
        name = container.image_id or image
        if name is None:
            raise ImageError("the container has no image", "name one")
        key = (name, container.dockerfile, container.load, container.import_from)
        if key not in self._known:
            try:
                self._known[key] = self._made(container, name, image)
            except ImageError as error:
                why = refusal(self._engine)
                self._known[key] = error if why is None else EngineSilentError(why)
        known = self._known[key]
        if isinstance(known, ImageError):
            raise known
        return known

    def digest(self, image: str) -> str | None:
        """Return ``sha256:hex`` of an image that :meth:`ready` gave: of what really runs.

        That is the digest of its manifest where the engine knows it, else of its configuration; of
        an image file, of the file.
        """
        if image not in self._digests:
            if self._engine.keeps_images:
                done = self._run("image", "inspect", "--format", _DIGESTS[self._engine.name], image)
                found = _DIGEST.search(done.stdout) if done.returncode == 0 else None
                self._digests[image] = found[0] if found is not None else None
            else:
                self._digests[image] = _digest_of_file(Path(image))
        return self._digests[image]

    def _made(self, container: Container, name: str, image: str | None) -> str:
        if name.startswith("-"):
            raise ImageError(f"{name!r:.120} is no name of an image")
        if not self._engine.keeps_images:
            return self._file(name)
        if self._exists(name):
            return name
        if container.dockerfile is not None:
            self._build(name, container.dockerfile)
        elif container.load is not None:
            self._do("load", "--input", str(self._local(container.load)))
        elif container.import_from is not None:
            self._do("import", str(self._local(container.import_from)), name)
        elif image is not None:
            self._pull(image)
            return image
        if not self._exists(name):
            raise ImageError(f"the image {name!r:.120} is not here")
        return name

    # --- engines with a store

    def _exists(self, name: str) -> bool:
        return self._run("image", "inspect", "--format", "{{.Id}}", name).returncode == 0

    def _build(self, name: str, dockerfile: str) -> None:
        import tempfile  # only here, and every run imports this module

        offline = [] if self._allow_network else ["--network=none"]
        if offline and self._engine.name == "podman":
            offline.append("--pull=never")
        with tempfile.TemporaryDirectory(prefix="fairwf-build-") as folder:
            words = ("build", *offline, "--tag", name, "--file", "-", folder)
            self._do(*words, text=dockerfile)

    def _pull(self, image: str) -> None:
        if not self._allow_network:
            raise ImageError(
                f"the image {image!r:.120} is not here, and nothing is fetched",
                f"{self._engine.name} pull {image}, or run with --allow-network",
            )
        self._do("pull", "--quiet", image)

    def _do(self, *words: str, text: str | None = None) -> None:
        done = self._run(*words, text=text)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
            raise ImageError(f"{self._engine.name} {words[0]} failed: {last:.300}")

    def _run(self, *words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [self._engine.path, *words],
                input=text if text is not None else "",
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=False,
                text=True,
                errors="replace",
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ImageError(f"{self._engine.name} cannot be used: {error}") from error

    def _local(self, said: str) -> Path:
        if "://" in said:
            raise ImageError(
                f"{said!r:.120} is on a network, and nothing is fetched", "download it first"
            )
        path = self._folder / said
        if not in_tree(path, document_tree(self._folder)):
            raise ImageError(f"{said!r:.120} leaves the document's folders")
        if not path.is_file():
            raise ImageError(f"the image file {str(path)!r:.200} does not exist")
        return path

    # --- engines that run image files

    def _file(self, name: str) -> str:
        path = self._folder / name
        if name.endswith((".sif", ".img", ".simg")) or path.is_dir():
            if not path.exists():
                raise ImageError(f"the image file {str(path)!r:.200} does not exist")
            return str(path)
        stem = name.removeprefix("docker://").replace("/", "_")
        for variable in _CACHES:
            if os.environ.get(variable):
                for own in (f"{stem}.sif", f"{stem}.img"):
                    kept = Path(os.environ[variable]) / own
                    if kept.is_file():
                        return str(kept)
        if self._allow_network:
            return name if "://" in name else f"docker://{name}"
        raise ImageError(
            f"there is no image file for {name!r:.120}, and nothing is fetched",
            f"{self._engine.name} pull {stem}.sif docker://{name} in the folder that "
            f"{_CACHES[0]} names, or run with --allow-network",
        )


def _digest_of_file(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
