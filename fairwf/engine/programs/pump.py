"""Starts a program and writes to its named pipes what is appended to files, until those are over.

``python3 pump.py FILE PIPE ... -- PROGRAM ARGUMENT ...``; ``FILE.end`` says that nothing is added
to a file any more. Copied into the run directory and started where the program runs: one file, the
standard library only, the syntax of Python 3.6. Never imported by fairwf. It ends as the program
does, by the same exit code or signal.
"""

import errno
import os
import signal
import sys
import threading
import time

LOOK_S = 0.05
BLOCK = 1 << 16


def pump(path: str, pipe: str, over: "threading.Event") -> None:
    """Write a file to a pipe as it grows, until its end, or until nobody reads."""
    writer = opened(pipe, over)
    if writer is None:
        return
    try:
        done = 0
        while not over.is_set():
            ended = os.path.exists(path + ".end")  # looked at before the last of it is read
            # Opened each time: only then does a shared file system look for what is new.
            with open(path, "rb") as source:
                source.seek(done)
                data = source.read(BLOCK)
            done += len(data)
            while data:
                data = data[os.write(writer, data) :]
            if ended and os.path.getsize(path) <= done:
                return
            if not ended and os.path.getsize(path) <= done:
                over.wait(LOOK_S)
    except BrokenPipeError:
        return
    finally:
        os.close(writer)


def opened(pipe: str, over: "threading.Event") -> "int | None":
    """Open a pipe as soon as the program reads it; None where it ends without."""
    while not over.is_set():
        try:
            writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            over.wait(LOOK_S / 5)
            continue
        os.set_blocking(writer, True)
        return writer
    return None


def main(words: "list[str]") -> int:
    """Run the program; return its exit code."""
    at = words.index("--")
    pairs, command = words[:at], words[at + 1 :]
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    program = os.fork()
    if program == 0:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        try:
            os.execvp(command[0], command)  # noqa: S606 - the program that the task is
        except OSError as error:
            sys.stderr.write(f"{command[0]}: {error.strerror}\n")
            sys.stderr.flush()
        os._exit(127)
    over = threading.Event()
    threads = [
        threading.Thread(target=pump, args=(pairs[n], pairs[n + 1], over), daemon=True)
        for n in range(0, len(pairs), 2)
    ]
    for thread in threads:
        thread.start()
    _, status = os.waitpid(program, 0)
    over.set()
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
        time.sleep(5)  # a signal that this system does not end a process by
    return os.WEXITSTATUS(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
