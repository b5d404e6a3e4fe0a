"""The floor: the same commands from a bare loop around posix_spawn, standard output captured."""

import os
import sys


def captured(words: list[str]) -> bytes:
    """Run a program and return what it prints."""
    reading, writing = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writing, 1)]
    child = os.posix_spawnp(words[0], words, os.environ, file_actions=actions)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return text


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        captured(["echo", f"message {number}"])
