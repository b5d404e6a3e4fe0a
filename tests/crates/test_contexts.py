"""Our JSON-LD contexts mean the same as the published ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from fairwf import contexts
from tools.contexts import TABLE, generated, terms

pyoxigraph = pytest.importorskip("pyoxigraph")


@pytest.fixture(scope="module")
def published(repository: Path) -> Path:
    folder = repository.parent / "shared" / "contexts"
    if not folder.is_dir():
        pytest.skip("the published contexts are absent (../shared/contexts)")
    return folder


def triples(metadata: dict[str, Any], context: Any) -> Any:
    text = json.dumps({**metadata, "@context": context})
    parsed = pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.JSON_LD, base_iri="http://x.test/")
    dataset = pyoxigraph.Dataset(parsed)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def replaced(context: Any, folder: Path) -> Any:
    if isinstance(context, list):
        return [replaced(item, folder) for item in context]
    if isinstance(context, str):
        file = folder / contexts.PLACES[context.rstrip("/")]
        return json.loads(file.read_bytes())["@context"]
    return context


def test_the_files_are_what_the_table_says() -> None:
    for name, text in generated().items():
        assert (contexts.folder() / name).read_text(encoding="utf-8") == text


def test_a_term_means_one_thing_in_a_context() -> None:
    with pytest.raises(ValueError, match="twice"):
        terms("[http://a/ 1.1]\nx\n[http://b/ 1.1]\nx\n")
    assert len(terms(TABLE.read_text())["run"]) == 16


def test_every_term_means_what_the_published_context_says(published: Path) -> None:
    for name in generated().keys() - {"workflow-test.jsonld"}:
        ours = json.loads((contexts.folder() / name).read_bytes())["@context"]
        assert ours == json.loads((published / name).read_bytes())["@context"]


def test_the_terms_of_tests_are_those_that_published_crates_write_out(corpora: Path) -> None:
    found = []
    for path in sorted((corpora / "rocrate").rglob("ro-crate-metadata.json")):
        context = json.loads(path.read_bytes())["@context"]
        inline = [part for part in context if isinstance(part, dict) and "TestSuite" in part]
        found += [part for part in inline if isinstance(context, list)]
    assert found
    for part in found:
        assert part == contexts.terms(contexts.WORKFLOW_TEST)


def test_crates_of_others_give_the_same_triples(corpora: Path, published: Path) -> None:
    count = 0
    for path in sorted((corpora / "rocrate").rglob("ro-crate-metadata.json")):
        metadata = json.loads(path.read_bytes())
        ours = triples(metadata, contexts.inline(metadata["@context"]))
        assert ours == triples(metadata, replaced(metadata["@context"], published)), path
        count += len(ours)
    assert count > 10_000


def test_our_crates_give_the_same_triples(example_crate: Path, published: Path) -> None:
    metadata = json.loads((example_crate / "ro-crate-metadata.json").read_bytes())
    ours = triples(metadata, contexts.inline(metadata["@context"]))
    assert ours == triples(metadata, replaced(metadata["@context"], published))
    assert len(ours) > 500


def test_every_property_and_type_of_our_crates_is_in_the_context(example_crate: Path) -> None:
    """A term that the context lacks would vanish from the RDF without a word."""
    metadata = json.loads((example_crate / "ro-crate-metadata.json").read_bytes())
    known = {term for url in metadata["@context"] for term in contexts.terms(url)}
    for entity in metadata["@graph"]:
        types = entity["@type"] if isinstance(entity["@type"], list) else [entity["@type"]]
        assert set(types) <= known
        assert {key for key in entity if not key.startswith("@")} <= known, entity["@id"]


def test_unknown_contexts_are_not_fetched() -> None:
    with pytest.raises(KeyError):
        contexts.inline(["https://example.org/context"])
