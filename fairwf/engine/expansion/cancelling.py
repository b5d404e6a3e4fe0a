"""Work that is ended before it is done, because something that has arrived makes it useless."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from fairwf.engine.evaluate import EvaluationError, FunctionError, NotReady
from fairwf.engine.expansion.frames import Frame, StepScope, attempt, no_truth_value
from fairwf.engine.expansion.scheduler import Cell, Waits, wait
from fairwf.engine.expansion.world import Place
from fairwf.engine.failures import Failed, Failure
from fairwf.ir.expressions import Expr
from fairwf.ir.values import Value
from fairwf.ir.workflow import Process


def unless_cancelled(
    frame: Frame,
    process: Process,
    work: Waits[dict[str, Value]],
    cancel: Expr,
    place: Place,
    scope: StepScope,
) -> Waits[dict[str, Value] | None]:
    """Do the work and return its outputs; None where ``cancel`` came true before that.

    It is looked at only when nothing else can go on: what a resumed run knows has arrived then, so
    that nothing is cancelled now that had ended before.

    Raises:
        Failed: the work failed, or ``cancel`` gives no truth value.
    """
    world, scheduler = frame.world, frame.world.scheduler
    if world.was_cancelled(place):
        work.close()
        return None
    done = scheduler.spawn(attempt(frame, work, place.key), place.key)
    while True:
        yield from wait(world.quiet())
        if done.settled:
            break
        changes: set[Cell] = set()
        test: Any = None
        asking = replace(scope, flowing=True, watched=changes)
        try:
            test = world.evaluate(cancel, asking, frame.libraries)
        except NotReady as missing:
            changes.update(cell for cell in missing.waits if isinstance(cell, Cell))
        except (EvaluationError, FunctionError, Failed):
            yield from wait(done)
            raise
        if test is True:
            world.cancel(place, process)
            yield from wait(done)
            return None
        if test not in (False, None):
            yield from wait(done)
            raise Failed(
                no_truth_value(frame, place, f"what cancels {place.step[-1]!r}", test, cancel)
            )
        yield from wait(scheduler.any_of((done, *changes), f"the end of {place.key}"))
    if isinstance(done.value, Failure):
        raise Failed(done.value)
    outputs: dict[str, Value] = done.value
    return outputs
