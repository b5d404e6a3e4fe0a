"""Container images that are another one tomorrow."""

from __future__ import annotations

from fairwf.check.findings import Findings
from fairwf.check.rules.tasks import own_nodes
from fairwf.check.sites import placed
from fairwf.ir.environment import Container
from fairwf.ir.expressions import Expr, StringLit
from fairwf.ir.workflow import Process

_MOVING = frozenset({"latest", "master", "main", "dev", "develop", "nightly", "edge"})


def check_containers(root: Process, findings: Findings) -> None:
    """Tell of images without a tag or digest, or with a tag that is made to move.

    The reference follows the OCI distribution specification: after the last ``/``, ``:TAG`` and
    ``@DIGEST``. Computed references are not judged.
    """
    for place in placed(root):
        for node in own_nodes(place.process):
            if isinstance(node, Container) and node.digest is None and node.dockerfile is None:
                for image in (node.image, *node.alternatives):
                    _pinned(image, findings)


def _pinned(image: Expr | None, findings: Findings) -> None:
    if not isinstance(image, StringLit) or "@sha256:" in image.value or not image.value:
        return
    name = image.value.removeprefix("docker://")
    if name.startswith(("/", ".")) or name.endswith((".sif", ".img", ".tar")):
        return
    _, colon, tag = name.rpartition("/")[2].partition(":")
    if not colon:
        why = "has no tag, so it is whatever 'latest' is on the day"
    elif tag in _MOVING:
        why = f"has the tag {tag!r}, which is moved to newer images"
    else:
        return
    findings.tell(
        "FWF2106",
        image,
        f"the image {image.value!r:.100} {why}",
        "name a version, or better a digest: IMAGE@sha256:...",
    )
