"""What is asked of each program: its places in the run directory, its share of the machine."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from msgspec import structs

from fairwf.engine.backends.protocol import Site
from fairwf.engine.confidential import Secrets
from fairwf.engine.containers import ContainerEngine, Images
from fairwf.engine.options import RunOptions
from fairwf.engine.places.rundir import RunDir, file_name
from fairwf.engine.programs.attempt import Attempt
from fairwf.engine.programs.resources import Wanted
from fairwf.engine.software import Software
from fairwf.engine.task import TaskRequest
from fairwf.ir.origins import Origins

_MOST_KNOWN = 256


class TaskRequests:
    """Makes the requests of a run; they share what is known of images and of software."""

    def __init__(
        self,
        run: RunDir,
        options: RunOptions,
        origins: Origins,
        secrets: Secrets,
        site_of: Callable[[str], Site],
    ) -> None:
        self._options = options
        self._origins = origins
        self._secrets = secrets
        self._site_of = site_of
        self._tasks, self._staged, self._logs = str(run.tasks), str(run.staged), str(run.logs)
        self._images: dict[ContainerEngine, Images] = {}
        self._software = Software()
        self._known: dict[tuple[int, int, int, Wanted], TaskRequest] = {}

    def of(self, attempt: Attempt, tmp: str) -> TaskRequest:
        """Return what is asked of a numbered attempt; ``tmp`` is its folder of temporary files."""
        call = attempt.call
        name = f"{attempt.name or file_name(call.place.key)}.{attempt.number}"
        return structs.replace(
            self._alike(attempt),
            id=call.place.key,
            inputs=call.inputs,
            folder=f"{self._tasks}/{name}",
            tmp=tmp,
            staged=f"{self._staged}/{name}",
            logs=f"{self._logs}/{name}",
            digest=attempt.digest,
            number=attempt.number,
            attempt=call.attempt,
            keys=call.keys,
        )

    def _alike(self, attempt: Attempt) -> TaskRequest:
        """Return a request with all that is asked of tasks of the same process and wants."""
        call, want = attempt.call, attempt.want
        alike = id(call.process), id(call.resources), id(call.environment), want
        known = self._known.get(alike)
        if known is not None:
            return known
        site = self._site_of(call.place.key)
        if len(self._known) == _MOST_KNOWN:
            self._known.clear()
        request = self._known[alike] = TaskRequest(
            id="",
            process=call.process,
            inputs={},
            folder="",
            tmp="",
            staged="",
            logs="",
            libraries=call.process.libraries,
            resources=call.resources,
            environment=call.environment,
            cores=want.cores or 1,
            ram_mib=math.ceil(want.ram_mib),
            tmp_mib=math.ceil(want.tmp_mib),
            out_mib=math.ceil(want.out_mib),
            container=self._options.container,
            programs_here=site.programs_here,
            pairs=site.pairs,
            secrets=self._secrets,
            images=self._images_of,
            software=self._software,
            origins=self._origins,
        )
        return request

    def _images_of(self, engine: ContainerEngine) -> Images:
        known = self._images.get(engine)
        if known is None:
            folder = self._options.base or Path.cwd()
            known = Images(engine, folder, self._options.allow_network)
            self._images[engine] = known
        return known
