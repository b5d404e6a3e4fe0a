"""From text to the native form of a workflow (``.ga``), with the place of everything in it.

gxformat2 documents are brought to the native form by gxformat2 itself, which fetches and opens
nothing here; each step then has the place of the entry that it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fairwf.formats import Source
from fairwf.ir.origins import Span
from fairwf.report import EnvironmentFault, InvalidError, Report
from fairwf.source import Limits, SourceError, SourceList, SourceMap, load_structured, plain

LIMITS = Limits(bytes=16 * 1024 * 1024, nodes=1_000_000, depth=150, repeated=50_000)
"""The largest published workflow is 1 MB; a workflow of a thousand steps has about 3 MB."""


def load(source: Source) -> SourceMap:
    """Return the native form of the workflow in a source.

    Raises:
        InvalidError: it is no JSON or YAML, too large, or no Galaxy workflow.
        EnvironmentFault: it is gxformat2, and the extra ``galaxy`` is not installed.
    """
    if len(source.data) > LIMITS.bytes:
        raise InvalidError.of(
            "FWF1009",
            f"a Galaxy workflow of more than {LIMITS.bytes // 2**20} MiB is not read",
            file=source.name,
        )
    try:
        root = load_structured(source.data, source.name, LIMITS)
    except SourceError as error:
        large = "than" in error.message and error.message.startswith(("larger", "holds", "nested"))
        code = "FWF1009" if large else "FWF1004"
        raise InvalidError.of(code, error.message, span=error.span, hint=error.hint) from None
    if not isinstance(root, SourceMap):
        raise InvalidError.of("FWF1701", "a Galaxy workflow is an object", file=source.name)
    if "class" in root or "$graph" in root or "a_galaxy_workflow" not in root:
        if "class" not in root and "$graph" not in root:
            native = "steps" in root and "format-version" in root
            if native:
                return root
            raise InvalidError.of(
                "FWF1701",
                "neither a .ga ('a_galaxy_workflow') nor gxformat2 ('class: GalaxyWorkflow')",
                span=root.span,
            )
        return native_of(root, source.name)
    return root


def format2() -> tuple[Callable[..., Any], type[Any]]:
    """Return gxformat2's conversion to the native form, and the class of its options.

    Raises:
        EnvironmentFault: it is not installed.
    """
    try:
        from gxformat2.normalized import to_native
        from gxformat2.options import ConversionOptions
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("gxformat2"):
            raise
        hint = "pip install 'fairwf[galaxy]'"
        text = "gxformat2 documents need the package gxformat2"
        raise EnvironmentFault.of("FWF9002", text, hint=hint) from None
    return to_native, ConversionOptions


class _Fetched(Exception):  # noqa: N818 - what was asked for, not an error of ours
    pass


def _refuse(url: str) -> dict[str, Any]:
    raise _Fetched(url)


def native_of(root: SourceMap, file: str) -> SourceMap:
    """Return the native form of a gxformat2 document.

    Raises:
        InvalidError: gxformat2 does not take it, or it refers to what is not read.
        EnvironmentFault: gxformat2 is not installed.
    """
    to_native, options = format2()
    _refuse_files(root, file)
    main = _main(root)
    steps = main.get("steps")
    if not isinstance(steps, (SourceMap, SourceList)):
        shown = "no steps" if steps is None else "steps that are neither an object nor a list"
        raise InvalidError.of("FWF1701", f"the workflow has {shown}", span=main.span)
    try:
        native = to_native(plain(root), options(url_resolver=_refuse), expand=False).to_dict()
    except _Fetched as error:
        text = f"the workflow refers to {str(error)!r:.200}, which is not fetched"
        raise InvalidError.of("FWF1007", text, file=file) from None
    except Exception as error:  # noqa: BLE001 - a library that raises anything for a wrong document
        raise _broken(error, main, file) from None
    return _placed(native, main)


def _broken(error: Exception, main: SourceMap, file: str) -> InvalidError:
    """Return gxformat2's complaint, with the place that it names where it names one."""
    from fairwf.source import span_of

    found = InvalidError.of("FWF1701", f"gxformat2: {_first(error)}", span=main.span)
    listed = getattr(error, "errors", None)
    if not callable(listed):
        return found
    report = Report()
    for one in listed()[:20]:
        path = tuple(part for part in one.get("loc", ()) if isinstance(part, (str, int)))
        span = span_of(main, path) or main.span
        where = ".".join(map(str, path))
        report.add("FWF1701", f"gxformat2: {one.get('msg', 'invalid')}: {where}", span=span)
    return InvalidError(report) if report.errors else found


def _first(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{lines[0]:.300}" if lines else type(error).__name__


def _refuse_files(value: Any, file: str) -> None:
    """Refuse what would be opened: subworkflows are read where they stand in the document.

    Raises:
        InvalidError: a step names a file.
    """
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, SourceMap):
            named = node.get("@import") or node.get("import")
            if isinstance(named, str) and len(node) == 1:
                raise InvalidError.of(
                    "FWF1702",
                    f"the step runs the file {named!r:.200}, which is not read",
                    span=node.span,
                    hint="put the subworkflow into the step: gxwf-to-native --help",
                )
            stack.extend(node.values())
        elif isinstance(node, SourceList):
            stack.extend(node)


def _main(root: SourceMap) -> SourceMap:
    graph = root.get("$graph")
    if not isinstance(graph, SourceList):
        return root
    flows = [w for w in graph if isinstance(w, SourceMap) and w.get("class") == "GalaxyWorkflow"]
    mains = [w for w in flows if w.get("id") in ("main", "#main")]
    return (mains or flows or [root])[0]


def _placed(native: Mapping[str, Any], given: SourceMap) -> SourceMap:
    """Return a native workflow whose parts have the places of what they were made of."""
    result: SourceMap = placed_at({k: v for k, v in native.items() if k != "steps"}, given.span)
    for key in [k for k, v in result.items() if v is None]:
        result.pop(key)
    if "uuid" not in given:
        result.pop("uuid", None)  # made at random
    if "label" not in given and "id" not in given:
        result.pop("name", None)
    own = {"name": "label", "annotation": "doc"}
    for key in list(result):
        place = own.get(key, key)
        if place in given:
            result.value_spans[key] = given.value_span(place)
    steps = SourceMap(given.span)
    entries = [*_entries(given.get("inputs")), *_entries(given.get("steps"))]
    for number, step in (native.get("steps") or {}).items():
        entry, span = entries[int(number)] if int(number) < len(entries) else (None, given.span)
        steps.put(number, _step(step, entry, span), span, span)
    result.put("steps", steps, given.key_span("steps"), given.value_span("steps"))
    return result


def _step(step: Mapping[str, Any], entry: Any, span: Span) -> SourceMap:
    said = {key: value for key, value in step.items() if key != "subworkflow" and value is not None}
    result: SourceMap = placed_at(said, span)
    if not isinstance(entry, SourceMap):
        result.pop("position", None)
        return result
    if "position" not in entry:
        result.pop("position", None)
    for key, own in (("annotation", "doc"), ("when", "when"), ("input_connections", "in")):
        if key in result and own in entry:
            result.value_spans[key] = entry.value_span(own)
    inner, run = step.get("subworkflow"), entry.get("run")
    if inner is not None:
        placed = _placed(inner, run) if isinstance(run, SourceMap) else placed_at(inner, span)
        result.put("subworkflow", placed, span, span)
    return result


def _entries(value: Any) -> list[tuple[Any, Span]]:
    if isinstance(value, SourceMap):
        return [(item, value.key_span(key)) for key, item in value.items()]
    if isinstance(value, SourceList):
        return [(item, value.item_span(number)) for number, item in enumerate(value)]
    return []


def placed_at(value: Any, span: Span) -> Any:
    """Return plain values as if all of them stood in one place."""
    if isinstance(value, Mapping):
        result = SourceMap(span)
        for key, item in value.items():
            result.put(str(key), placed_at(item, span), span, span)
        return result
    if isinstance(value, (list, tuple)):
        items = SourceList(span)
        for item in value:
            items.put(placed_at(item, span), span)
        return items
    return value
