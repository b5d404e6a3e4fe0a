"""Command lines: words as a shell sees them, and a shell where only a shell will do."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf_wfformat.shell import command_of, quoted

WORDS = [
    ("cpuhog", ["task_1", "--percent-cpu 0.6", "--cpu-work 5000"]),
    ("sh", ["-c 'echo hi > x.txt'"]),
    ("cpuhog", ['--out "{\\"output.txt\\":16666667}"', r"a\ b", "''", 'it"\'"s']),
    ("mAdd", ["-e", "-p", "p1", "x=1,2", "https://a.example/b"]),
    ("echo", ["a#b", "c~d", "'#e' '~f'"]),
    ("my' 'program", []),
]
LINES = [
    ("blastall", ["-d", "nt/nt", "2>", "small.err"]),
    ("cat", ["*.txt"]),
    ("echo", ["$HOME"]),
    ("echo", ['"$HOME"']),
    ("echo", ["a", "# a comment"]),
    ("ls ~", []),
    ("cd x && make", ["all"]),
    ("# loop\n  for i in 1 2; do echo $i; done", []),
    ("fastqc --version\n  # don't stop", []),
]


def words_of(line: str) -> list[str]:
    """The words of a line, by a real shell."""
    done = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True, text=True
    )
    return done.stdout.split("\0")[:-1]


@pytest.mark.parametrize(("program", "arguments"), WORDS)
def test_words_are_those_that_a_shell_sees(program: str, arguments: list[str]) -> None:
    first, rest = command_of(program, arguments)
    assert [first, *rest] == words_of(" ".join([program, *arguments]))


@pytest.mark.parametrize(("program", "arguments"), LINES)
def test_what_only_a_shell_can_do_is_given_to_one(program: str, arguments: list[str]) -> None:
    assert command_of(program, arguments) == ("sh", ["-c", " ".join([program, *arguments])])


def test_a_quote_that_is_not_closed_leaves_arguments_as_they_are() -> None:
    assert command_of("say", ["it's", "5 o'clock; 'late"]) == ("say", ["it's", "5 o'clock; 'late"])


def test_without_a_program_there_are_words_only() -> None:
    assert command_of(None, ["-a 1", "2"]) == (None, ["-a", "1", "2"])
    assert command_of(None, ["> x"]) == (None, ["> x"])


@given(st.text(), st.lists(st.text()))
def test_every_command_is_read_as_it_was_written(program: str, words: list[str]) -> None:
    texts = [quoted(word) for word in (program, *words)]
    assert all(texts)
    assert command_of(texts[0], texts[1:]) == (program, words)
