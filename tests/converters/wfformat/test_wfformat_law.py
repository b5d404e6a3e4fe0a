"""The law: what is written reads back as it was, for any instance and for any valid document."""

import json
from typing import Any

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source, WriteOptions, converter
from fairwf.ir.canonical import same
from fairwf.ir.instance import Files, Instance, Machine, Ragged, Tasks, normal
from fairwf.ir.metadata import Agent, Metadata
from fairwf.report import Report
from fairwf_wfformat.emit import NUMBERS
from fairwf_wfformat.patches import equal

WFFORMAT = converter("wfformat")

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
WORDS = st.sampled_from(["", "-o", "a b", "x" * 20, "é", '""', "#"]) | TEXT
IDS = (
    st.sampled_from(["a", "b", "a b", "a_b", "a_b_2", "#1", "é", "ü", "", "x\n", "/f", "1"]) | TEXT
)
REALS = st.floats(allow_nan=False, allow_infinity=False)
WHOLES = st.integers(-(2**63) + 1, 2**63 - 1)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    ids = draw(st.lists(IDS, min_size=1, max_size=5, unique=True))
    files = draw(st.lists(IDS, max_size=4, unique=True))
    machines = draw(st.lists(_machines(), max_size=2))
    words = draw(st.lists(WORDS, max_size=4))
    count = len(ids)

    def column(items: st.SearchStrategy[Any]) -> Any:
        return draw(st.just([]) | st.lists(items, min_size=count, max_size=count))

    def rows(limit: int) -> Ragged:
        if limit == 0:
            return Ragged(offsets=[0], values=[])
        row = st.lists(st.integers(0, limit - 1), max_size=3)
        return Ragged.of(column(row))

    parents = [
        draw(st.lists(st.integers(0, i - 1), max_size=3, unique=True)) if i else []
        for i in range(count)
    ]
    tasks = Tasks(
        id=ids,
        name=column(TEXT),
        process=column(TEXT),
        parents=Ragged.of(parents),
        inputs=rows(len(files)),
        outputs=rows(len(files)),
        program=column(maybe(WORDS)),
        words=words,
        arguments=rows(len(words)),
        keys=column(maybe(TEXT)),
        started=column(maybe(TEXT)),
        runtime_s=column(maybe(REALS)),
        exit_code=column(maybe(WHOLES)),
        cores=column(maybe(REALS)),
        average_cpu=column(maybe(REALS)),
        memory_bytes=column(maybe(WHOLES)),
        read_bytes=column(maybe(WHOLES)),
        written_bytes=column(maybe(WHOLES)),
        energy_kwh=column(maybe(REALS)),
        average_power_w=column(maybe(REALS)),
        priority=column(maybe(WHOLES)),
        machines=rows(len(machines)),
        extensions=draw(st.just({}) | st.fixed_dictionaries({"pegasus": st.lists(
            maybe(st.dictionaries(TEXT, WHOLES, max_size=1)), min_size=count, max_size=count)})),
    )  # fmt: skip
    return Instance(
        id=draw(TEXT),
        label=draw(maybe(TEXT)),
        doc=draw(maybe(TEXT)),
        of=draw(maybe(TEXT)),
        tasks=tasks,
        files=_files(draw, files),
        machines=tuple(machines),
        makespan_s=draw(maybe(REALS)),
        executed=draw(maybe(TEXT)),
        created=draw(maybe(TEXT)),
        runtime_system=draw(maybe(TEXT)),
        runtime_system_version=draw(maybe(TEXT)),
        runtime_system_url=draw(maybe(TEXT)),
        metadata=draw(maybe(_metadata())),
        extensions=draw(st.sampled_from([{}, {"cwl": {"a": [1, None]}}])),
    )


def _files(draw: st.DrawFn, ids: list[str]) -> Files:
    def column(items: st.SearchStrategy[Any]) -> Any:
        return draw(st.just([]) | st.lists(maybe(items), min_size=len(ids), max_size=len(ids)))

    return Files(id=ids, size=column(WHOLES), sha256=column(TEXT), location=column(TEXT))


def _machines() -> st.SearchStrategy[Machine]:
    system = st.sampled_from(["linux", "Linux", "Darwin", "macos", "plan9", ""])
    return st.builds(
        Machine,
        name=TEXT,
        system=maybe(system),
        architecture=maybe(TEXT),
        release=maybe(TEXT),
        cores=maybe(WHOLES),
        speed_mhz=maybe(WHOLES),
        vendor=maybe(TEXT),
        memory_bytes=maybe(WHOLES),
        extensions=st.sampled_from([{}, {"other": {"a": 1}}]),
    )


def _metadata() -> st.SearchStrategy[Metadata]:
    agent = st.builds(Agent, name=TEXT, email=maybe(TEXT), affiliation=maybe(TEXT))
    return st.builds(Metadata, creators=st.lists(agent, max_size=2).map(tuple), license=maybe(TEXT))


def round_trip(document: Document) -> tuple[bytes, Instance, Report]:
    assert WFFORMAT.write is not None
    assert WFFORMAT.read is not None
    report = Report()
    result = WFFORMAT.write(document, WriteOptions(), report)
    data = result.files[result.main]
    again = WFFORMAT.read(Source("again", given=data), ReadOptions(), Report()).workflow
    assert isinstance(again, Instance)
    return data, again, report


@settings(max_examples=100)
@given(instances())
def test_what_is_written_of_any_instance_reads_back_as_it_was(instance: Instance) -> None:
    expected = normal(instance)
    _, again, report = round_trip(Document(workflow=instance))
    assert same(again, expected)
    assert not report.by_fate("lost")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instance=instances())
def test_the_published_schema_accepts_any_instance(
    instance: Instance, schemas: dict[str, Any]
) -> None:
    data, _, _ = round_trip(Document(workflow=instance))
    faults = jsonschema.Draft7Validator(schemas["1.5"]).iter_errors(json.loads(data))
    assert [f"{list(e.absolute_path)}: {e.message}" for e in faults] == []


@settings(max_examples=50)
@given(instances())
def test_a_finding_names_a_column_or_one_of_its_items(instance: Instance) -> None:
    *_, report = round_trip(Document(workflow=instance))
    for finding in report:
        assert finding.path is not None
        assert finding.path not in ("", "/", "/tasks", "/files")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | REALS | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
FULL = TEXT.filter(bool)
NUMBER = st.integers(-(10**25), 10**25) | REALS


def objects(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Any]:
    """An object as a schema describes it, with foreign keys now and then."""
    known = st.fixed_dictionaries(required, optional=optional)
    names = st.sampled_from(["fairwf", "category", "metrics", "x"])
    foreign = st.just({}) | st.dictionaries(names, JSON | OWN, max_size=2)
    return st.tuples(foreign, known).map(lambda pair: {**pair[0], **pair[1]})


OWN = st.fixed_dictionaries(
    {},
    optional={
        "unknown": st.lists(st.sampled_from(["name", "sizeInBytes", "runtimeInSeconds"])),
        "id": st.sampled_from(["t0", "t1", "other", 3]),
        "name": st.sampled_from(["", "n", 1]),
        "exit_code": JSON,
        "metadata": JSON,
        "machines": JSON,
        "extensions": JSON,
        "size": JSON,
        "arguments": JSON,
    },
)


@st.composite
def documents(draw: st.DrawFn) -> Any:
    ids = [f"t{i}" for i in range(draw(st.integers(1, 3)))]
    names = st.lists(st.sampled_from(["f", "g/h", "i#1"]), max_size=2)
    tasks = []
    for index, name in enumerate(ids):
        links = {
            "parents": st.lists(st.sampled_from(ids[:index]), max_size=2) if index else st.just([]),
            "children": st.lists(st.sampled_from(ids[index + 1 :]), max_size=2, unique=True)
            if index + 1 < len(ids)
            else st.just([]),
        }
        task = objects(
            {"name": FULL, "id": st.just(name), **links},
            {"inputFiles": names, "outputFiles": names},
        )
        tasks.append(draw(task))
    file = {"sizeInBytes": st.integers(0, 10**20) | st.just(4.0)}
    listed = draw(st.lists(st.sampled_from(["f", "g/h", "u"]), unique=True))
    files = st.tuples(*[objects({"id": st.just(name), **file}, {}) for name in listed]).map(list)
    numbers = dict.fromkeys(NUMBERS, NUMBER)
    command = objects({}, {"program": FULL, "arguments": st.lists(FULL, max_size=2)})
    run = {
        "executedAt": FULL,
        "command": command,
        "coreCount": st.integers(1, 10**20) | st.just(1.5),
        "machines": st.lists(st.sampled_from(["m", "n"]), max_size=2),
        **numbers,
    }
    ran = draw(st.permutations(ids))[: draw(st.integers(1, len(ids)))]
    runs = st.tuples(
        *[objects({"id": st.just(name), "runtimeInSeconds": NUMBER}, run) for name in ran]
    ).map(list)
    whole = st.integers(1, 10**20) | st.just(2.0)
    cpu = objects({}, {"coreCount": whole, "speedInMHz": whole, "vendor": FULL})
    machine = objects(
        {"nodeName": st.just("m")},
        {"system": st.sampled_from(["linux", "macos"]), "release": FULL, "architecture": FULL,
         "memoryInBytes": whole, "cpu": cpu},
    )  # fmt: skip
    execution = objects(
        {"makespanInSeconds": NUMBER, "executedAt": FULL, "tasks": runs},
        {"machines": st.tuples(machine).map(list)},
    )
    specification = objects({"tasks": st.just(tasks)}, {"files": files})
    workflow = objects({"specification": specification}, {"execution": execution})
    system = objects({"name": FULL, "version": FULL}, {"url": FULL})
    author = objects({"name": FULL, "email": FULL}, {"institution": FULL, "country": FULL})
    texts = {"description": FULL, "createdAt": FULL}
    return draw(
        objects(
            {"name": FULL, "schemaVersion": st.just("1.5"), "workflow": workflow},
            {**texts, "runtimeSystem": system, "author": author},
        )
    )


@settings(max_examples=120)
@given(documents())
def test_reading_and_writing_any_valid_document_gives_it_back(plain: Any) -> None:
    assert WFFORMAT.read is not None
    assert WFFORMAT.write is not None
    source = Source("generated", given=json.dumps(plain).encode())
    document = WFFORMAT.read(source, ReadOptions(), Report())
    data, again, _ = round_trip(document)
    assert equal(json.loads(data), plain)
    assert same(again, document.workflow)
