"""Regular expressions of POSIX in JavaScript: the same matches in Node, or none is written."""

import json
import shutil
import subprocess

import pytest

from fairwf.engine.evaluate.regular import compiled
from fairwf_cwl.write.javascript_regular import javascript_pattern

TEXTS = [
    "",
    "ab12cd",
    "a]b-c",
    "x.txt.gz",
    "hello\tworld\nagain",
    "A_B [x] é😀",
    "aaab",
    "1,22,333",
]
PATTERNS = [
    "like", "[^ ]+", "a.b", r"\.txt", "^[0-9]{1,2}b?", "[[:digit:]]+", "[]a]+", "b-", "[a-]b?-",
    "/", "a+b", r"\n", "x$", "[^[:xdigit:]]", "é.",
]  # fmt: skip


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not here")
def test_the_same_is_found_as_by_our_own_engine() -> None:
    cases = [(one, javascript_pattern(one), text) for one in PATTERNS for text in TEXTS]
    assert all(said is not None for _, said, _ in cases)
    program = (
        "const found = JSON.parse(require('fs').readFileSync(0, 'utf8')).map(([p, t]) =>"
        " t.replace(new RegExp(p, 'gu'), () => '#'));"
        "process.stdout.write(JSON.stringify(found));"
    )
    given = json.dumps([(said, text) for _, said, text in cases])
    done = subprocess.run(["node", "-e", program], input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for (pattern, _, text), found in zip(cases, json.loads(done.stdout), strict=True):
        pieces, end = [], 0
        for start, stop in compiled(pattern).all_matches(text):
            pieces.append(text[end:start])
            end = stop
        assert "#".join([*pieces, text[end:]]) == found, (pattern, text)


@pytest.mark.parametrize(
    "pattern", ["a*", "(a|ab)c?", "a|b", r"(a)\1", r"[\w]", r"\w", "[[:alpha:]]", "[[.a.]]", "[a"]
)
def test_what_javascript_might_match_in_another_way_is_not_written(pattern: str) -> None:
    assert javascript_pattern(pattern) is None


def test_alternatives_are_written_where_only_a_match_counts() -> None:
    assert javascript_pattern(r"\.(gz|zip)", anywhere=True) == r"\.(gz|zip)"
    assert javascript_pattern(r"[(|]x", anywhere=True) == r"[\(\|]x"
