"""The page that people look at: what it says, its size, and what it does in a browser."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf.crates.preview import PREVIEW, render
from fairwf.crates.preview.ledger import Ledger
from tests.crates.example_run import SCRIPT_NAME

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


class _Words(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.dialog: list[str] = []
        self.rows: dict[str, int] = {}
        self.section = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self.section = dict(attrs).get("id") or ""
        if tag == "dialog":
            self.open.append(tag)
        if tag == "tr":
            self.rows[self.section] = self.rows.get(self.section, -1) + 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "dialog":
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.dialog.append(data)


def in_chromium(page: Path, fragment: str, folder: Path) -> _Words:
    """What the page is after its script ran, opened at a fragment as a click does it."""
    assert CHROMIUM is not None
    words = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=3000",
             "--dump-dom", page.as_uri() + fragment]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    return _Words(done.stdout)


def many(tasks: int) -> dict[str, dict[str, Any]]:
    """The entities of a run whose every execution makes a file from the one before."""
    entities: dict[str, dict[str, Any]] = {
        "./": {"@id": "./", "@type": "Dataset", "name": "Many", "mainEntity": {"@id": "main.cwl"}},
        "main.cwl": {
            "@id": "main.cwl", "@type": ["File", "ComputationalWorkflow"], "name": "Many",
            "step": [{"@id": "#step/grow"}]},
        "#step/grow": {"@id": "#step/grow", "@type": "HowToStep", "alternateName": "grow"},
    }  # fmt: skip
    controlled = []
    for n in range(tasks):
        name = f"outputs/samples/sample-{n:06}.grown.fastq.gz"
        entities[name] = {
            "@id": name, "@type": "File", "name": Path(name).name, "contentSize": str(1000 + n),
            "sha256": f"{n:064x}"}  # fmt: skip
        action = f"#action/grow/item%20{n}"
        entities[action] = {
            "@id": action, "@type": "CreateAction", "name": f"Run of Grow a sample ({n})",
            "startTime": f"2026-11-24T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.000+00:00",
            "endTime": f"2026-11-24T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.500+00:00",
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "description": f"Command: grow --sample {n} --seed 42 previous.fastq.gz",
            "object": {"@id": f"outputs/samples/sample-{n - 1:06}.grown.fastq.gz"},
            "result": {"@id": name}}  # fmt: skip
        controlled.append({"@id": action})
    entities["#control"] = {
        "@id": "#control", "@type": "ControlAction", "instrument": {"@id": "#step/grow"},
        "object": controlled}  # fmt: skip
    return entities


def test_ten_thousand_executions_stay_under_two_megabytes() -> None:
    page = render(many(10_000))
    assert len(page.encode()) < 2_000_000
    assert "have no room" not in page
    assert _Words(page).rows["executions"] == 100
    assert "and 9900 more" in page


def test_what_has_no_room_is_counted() -> None:
    page = render(many(30_000))
    assert len(page.encode()) < 2_000_000
    hidden = [int(n) for n in re.findall(r"(\d+) have no room on this page", page)]
    shown = re.search(r"and (\d+) more", page)
    assert hidden
    assert shown is not None
    assert hidden[0] < 30_000


def test_ten_thousand_steps_stay_under_two_megabytes() -> None:
    entities = many(0)
    steps = [f"#step/s{n}" for n in range(10_000)]
    entities["main.cwl"]["step"] = [{"@id": step} for step in steps]
    for n, step in enumerate(steps):
        entities[step] = {"@id": step, "@type": "HowToStep", "name": f"Step number {n} of many"}
    page = render(entities)
    assert len(page.encode()) < 2_000_000
    assert "and 9900 more" in page


PROPERTIES = [
    *("@type", "name", "position", "step", "mainEntity", "object", "result", "instrument"),
    *("startTime", "endTime", "contentSize", "actionStatus", "image", "license", "author"),
]
IDS = ["./", "main.cwl", "#step/grow", "#control", "#action/grow/item%200"]
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
ANY = st.recursive(
    PLAIN,
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=3), one, max_size=2),
    max_leaves=4,
)
CHANGE = st.tuples(st.sampled_from(IDS), st.sampled_from(PROPERTIES), ANY)


@given(changes=st.lists(CHANGE, min_size=1, max_size=4))
def test_what_strangers_write_is_shown_or_passed_over(changes: list[tuple[str, str, Any]]) -> None:
    entities = many(2)
    entities["#other"] = {"@id": "#other", "@type": "HowToStep", "position": "1"}
    entities["main.cwl"]["step"] = [{"@id": "#step/grow"}, {"@id": "#other"}]
    for identifier, name, value in changes:
        entities[identifier][name] = value
    assert "</html>" in render(entities)


def test_the_page_runs_no_script_but_its_own() -> None:
    page = render(many(2))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert re.search(r"script-src 'sha256-[\w+/=]+';", policy[1])


def test_arrays_cannot_end_the_script_that_holds_them() -> None:
    ledger = Ledger(things=[["</script><script>hostile()</script>\u2028", ""]])
    assert "<" not in ledger.json()
    assert "\u2028" not in ledger.json()


@in_browser
def test_a_browser_pages_executions(tmp_path: Path) -> None:
    page = tmp_path / PREVIEW
    page.write_text(render(many(250)))
    seen = in_chromium(page, "", tmp_path)
    assert seen.rows["executions"] == 100
    assert seen.rows["files"] == 100
    assert seen.dialog == []


@in_browser
def test_a_click_on_a_file_shows_what_made_it_and_what_it_comes_from(
    example_crate: Path, tmp_path: Path
) -> None:
    page = (example_crate / PREVIEW).read_text()
    found = re.search(r'id="ledger">(\{.*\})</script>', page)
    assert found is not None
    things = json.loads(found[1])["things"]
    names = [re.sub(r"^\d+ ", "", thing[0]) for thing in things]
    number = next(n for n, name in enumerate(names) if name and SCRIPT_NAME.endswith(name))
    seen = in_chromium(example_crate / PREVIEW, f"#thing-{number}", tmp_path)
    assert SCRIPT_NAME in seen.dialog
    said = " ".join(seen.dialog)
    assert "Made by" in said
    assert "Comes from" in said
    made_by = said[said.index("Made by") : said.index("Comes from")]
    assert made_by.count("Run of ") == 1  # the step's, not that of the whole workflow
