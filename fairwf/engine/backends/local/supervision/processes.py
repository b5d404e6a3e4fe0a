"""Ending processes: groups, what containers hold, and what left its group."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal

    from .tasks import Task
else:
    import _signal as signal

STOP_S = 15.0


def stop(task: Task) -> None:
    """Run the command that ends by force what a signal to the group does not reach, once."""
    command, task.stop = task.stop, []
    if not command:
        return
    import subprocess  # containers only; it is slow to import

    quiet = subprocess.DEVNULL
    try:
        subprocess.run(
            command,
            env=task.env,
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            timeout=STOP_S,
            check=False,
            preexec_fn=unblocked,
        )
    except (OSError, subprocess.TimeoutExpired):
        return  # the signal to the group is all that is left


def unblocked() -> None:
    """Let a child hear of its own children, whose signal this process takes in another way."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def signal_group(group: int, number: int) -> None:
    """Signal a process group that may be gone."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def end_orphans() -> None:
    """Kill what left its group; as its subreaper, this process has become its parent."""
    while True:
        # One thread, so its children are all there are.
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as listed:
            children = [int(number) for number in listed.read().split()]
        if not children:
            return
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        for child in children:
            try:
                os.waitpid(child, 0)
            except ChildProcessError:
                continue
