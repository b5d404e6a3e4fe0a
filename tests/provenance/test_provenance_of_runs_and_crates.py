"""Provenance: the same story from a run and from its crate, in every form, open to questions."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairwf.crates import open_crate, package_run
from fairwf.provenance import FORMATS, Lineage, Table, graph, prov, provenance, query
from fairwf.report import InvalidError, UsageFault
from fairwf.trace import Run
from tests.crates.example_run import SCRIPT_NAME, example_run

pyoxigraph = pytest.importorskip("pyoxigraph")

PROV = "http://www.w3.org/ns/prov#"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return example_run(tmp_path_factory.mktemp("example"))


@pytest.fixture(scope="module")
def crate_folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crates") / "crate"
    package_run(run, folder)
    return folder


def count(answer: Table | bool | bytes) -> int:
    assert isinstance(answer, Table)
    return int(answer.rows[0][0] or 0)


def activities(nodes: tuple[tuple[int, object], ...]) -> list[int]:
    return [distance for distance, _ in nodes]


def test_every_form_is_written_and_is_the_same_each_time(run: Run) -> None:
    for form in FORMATS:
        assert prov(run, form) == prov(run, form)


def test_the_rdf_forms_hold_the_same_triples(run: Run) -> None:
    formats = pyoxigraph.RdfFormat
    readers = {
        "turtle": formats.TURTLE,
        "nquads": formats.N_QUADS,
        "json-ld": formats.JSON_LD,
    }
    parsed = {
        form: {str(quad) for quad in pyoxigraph.parse(prov(run, form), format=reader)}
        for form, reader in readers.items()
    }
    assert parsed["turtle"] == parsed["nquads"] == parsed["json-ld"]
    assert len(parsed["turtle"]) > 200
    assert not [quad for quad in parsed["turtle"] if "_:" in quad.split(" ")[0]]


def test_rdflib_reads_the_turtle(run: Run) -> None:
    rdflib = pytest.importorskip("rdflib")
    graph = rdflib.Graph().parse(data=prov(run), format="turtle")
    found = set(graph.subjects(rdflib.RDF.type, rdflib.URIRef(PROV + "Activity")))
    assert len(found) == 8


def test_prov_json_names_only_what_it_declares(run: Run) -> None:
    document = json.loads(prov(run, "prov-json"))
    assert set(document) >= {"prefix", "entity", "activity", "agent", "used", "wasGeneratedBy"}
    for body in document["used"].values():
        assert body["prov:activity"] in document["activity"]
        assert body["prov:entity"] in document["entity"]
    for attributes in document["entity"].values():
        for name in attributes:
            prefix = name.partition(":")[0]
            assert prefix == "prov" or prefix in document["prefix"]


def test_prov_n_is_well_formed_line_by_line(run: Run) -> None:
    lines = prov(run, "prov-n").decode().splitlines()
    assert (lines[0], lines[-1]) == ("document", "endDocument")
    statement = re.compile(r"  (prefix [\w-]+ <[^<>]+>|\w+\(.*\))$")
    assert all(statement.match(line) for line in lines[1:-1])
    assert sum(line.startswith("  activity(") for line in lines) == 8


def test_the_python_prov_library_agrees_with_prov_json(run: Run) -> None:
    model = pytest.importorskip("prov.model")
    document = model.ProvDocument.deserialize(content=prov(run, "prov-json").decode())
    found = [r for r in document.get_records() if r.get_type() == model.PROV["Activity"]]
    assert len(found) == 8


def test_a_run_and_its_crate_tell_of_the_same_executions_and_agents(
    run: Run, crate_folder: Path
) -> None:
    with open_crate(crate_folder) as crate:
        for source in (run, crate):
            told = provenance(source)
            kinds = [node.kind for node in told.nodes.values()]
            assert kinds.count("activity") == 8
            assert {n.name for n in told.nodes.values() if n.kind == "agent"} >= {"Ada Lovelace"}


@pytest.mark.parametrize("packaged", [False, True])
def test_the_lineage_of_an_output_goes_back_to_the_inputs(
    run: Run, crate_folder: Path, packaged: bool
) -> None:
    with open_crate(crate_folder) as crate:
        answer = Lineage(provenance(crate if packaged else run)).lineage(SCRIPT_NAME)
    # gather; then two counts and two cleans, of which the counts also come from the cleans
    assert sorted(activities(answer.activities)) == [1, 2, 2, 2, 2]
    names = {node.name for _, node in answer.entities}
    assert {"out.rows", "a b#%.csv", "ünï.csv"} <= names


@pytest.mark.parametrize("packaged", [False, True])
def test_a_changed_input_affects_its_own_branch_and_what_joins_it(
    run: Run, crate_folder: Path, packaged: bool
) -> None:
    with open_crate(crate_folder) as crate:
        lineage = Lineage(provenance(crate if packaged else run))
    affected = lineage.affected_by("a b#%.csv")
    assert sorted(activities(affected.activities)) == [1, 2, 2]  # clean, then count and gather
    assert SCRIPT_NAME in {node.name for _, node in affected.entities}
    assert activities(lineage.used_by("a b#%.csv").activities) == [1]


def test_files_are_found_by_path_checksum_and_name_else_one_is_suggested(
    run: Run, crate_folder: Path
) -> None:
    with open_crate(crate_folder) as crate:
        lineage = Lineage(provenance(crate))
    (node,) = lineage.find("inputs/a b#%.csv")
    assert node.sha256 is not None
    assert lineage.find(node.sha256) == [node]
    assert lineage.find("./inputs/a b#%.csv") == [node]
    with pytest.raises(InvalidError) as caught:
        lineage.find("inputs/a b#.csv")
    assert "inputs/a b#%.csv" in (caught.value.report.diagnostics[0].hint or "")


def test_sparql_sees_provenance_and_in_a_crate_its_metadata_too(
    run: Run, crate_folder: Path
) -> None:
    activities_ = "SELECT (COUNT(DISTINCT ?a) AS ?n) { ?a a prov:Activity }"
    files = "SELECT (COUNT(DISTINCT ?f) AS ?n) { ?f a schema:MediaObject ; schema:contentSize ?s }"
    assert count(query(run, activities_)) == 8
    with open_crate(crate_folder) as crate:
        assert count(query(crate, activities_)) == 8
        assert count(query(crate, files)) == 12  # also the inputs as a job file
        assert query(crate, "ASK { ?c a schema:OrganizeAction }") is True
        assert query(crate, "ASK { <#run> a schema:CreateAction }") is True


def test_the_two_graphs_of_a_crate_share_their_names(run: Run, crate_folder: Path) -> None:
    """What PROV calls an activity, the crate's metadata calls a CreateAction."""
    both = "SELECT (COUNT(DISTINCT ?a) AS ?n) { ?a a prov:Activity, schema:CreateAction }"
    with open_crate(crate_folder) as crate:
        assert count(query(crate, both)) == 8


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }",
        "select * { service silent ?x { ?s ?p ?o } }",
        "SELECT nonsense",
    ],
)
def test_queries_that_want_a_network_or_are_malformed_are_wrong_usage(run: Run, text: str) -> None:
    with pytest.raises(UsageFault):
        query(run, text)


def test_the_word_service_may_stand_in_a_text(run: Run) -> None:
    assert query(run, 'ASK { ?s rdfs:label "SERVICE" } # service') is False


def test_an_unknown_form_is_wrong_usage_with_the_known_ones(run: Run) -> None:
    with pytest.raises(UsageFault) as caught:
        prov(run, "turtel")
    assert "turtle" in (caught.value.report.diagnostics[0].hint or "")


def test_crates_with_unknown_contexts_are_not_fetched(tmp_path: Path) -> None:
    graph = [{"@id": "./", "@type": "Dataset"}]
    metadata = {"@context": "https://evil.example/context", "@graph": graph}
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(metadata))
    with open_crate(tmp_path) as crate, pytest.raises(InvalidError) as caught:
        query(crate, "ASK { ?s ?p ?o }")
    assert caught.value.report.diagnostics[0].code == "FWF5006"


def test_crates_of_other_producers_have_provenance(corpora: Path) -> None:
    told = 0
    for path in sorted((corpora / "rocrate").rglob("ro-crate-metadata.json")):
        with open_crate(path) as crate:
            found = provenance(crate)
            for form in FORMATS:
                prov(crate, form)
            told += any(node.kind == "activity" for node in found.nodes.values())
            assert count(query(crate, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")) > 50
    assert told >= 22


def triples_of(found: Any) -> set[tuple[str, ...]]:
    """Triples as text; Oxigraph's store writes out the type of plain texts, rdflib's does not."""
    string = "^^<http://www.w3.org/2001/XMLSchema#string>"
    return {tuple(term.n3().removesuffix(string) for term in triple) for triple in found}


def test_programs_get_a_graph_of_rdflib(run: Run) -> None:
    """On Oxigraph's store where that is installed, with the same triples as the Turtle."""
    rdflib = pytest.importorskip("rdflib")
    pytest.importorskip("oxrdflib")
    found = graph(run)
    assert type(found.store).__name__ == "OxigraphStore"
    assert triples_of(found) == triples_of(rdflib.Graph().parse(data=prov(run), format="turtle"))
    asked = found.query("SELECT (COUNT(?a) AS ?n) { ?a a prov:Activity }")
    assert [int(row[0]) for row in asked] == [8]


def test_rdflib_alone_gives_the_same_graph(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rdflib")
    with_store = triples_of(graph(run))
    monkeypatch.setattr("fairwf.provenance.rdf.find_spec", lambda name: None)
    alone = graph(run)
    assert type(alone.store).__name__ != "OxigraphStore"
    assert triples_of(alone) == with_store


def test_a_drawing_of_very_many_executions_groups_them_by_step(run: Run) -> None:
    from fairwf.cli.prov_drawing import MOST_NODES, provenance_graph

    told = provenance(run)
    few = provenance_graph(told)
    clean = next(t for t in run.tasks if t.step == ("analyse", "clean"))
    many = tuple(
        msgspec.structs.replace(clean, id=f"t{n}", index=(str(n),)) for n in range(MOST_NODES)
    )
    grouped = provenance_graph(provenance(msgspec.structs.replace(run, tasks=(*run.tasks, *many))))
    assert len(few.nodes) > len(grouped.nodes)
    badges = {node.label: node.badges for node in grouped.nodes if node.kind == "step"}
    assert badges["clean"] == (f"{MOST_NODES + 2} times",)
    assert "drawn as one" in grouped.note
