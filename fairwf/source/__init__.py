"""Source texts: reading documents of strangers safely, with the position of everything in them."""

from fairwf.source.looked_at import seen, watched
from fairwf.source.positions import SourceList, SourceMap, plain, span_of
from fairwf.source.spelling import did_you_mean, like_file, nearest
from fairwf.source.structured import (
    Limits,
    SourceError,
    load_json,
    load_structured,
    load_yaml,
    printable_json,
    refuse_utf16,
)
from fairwf.source.tree import document_tree, in_tree

__all__ = [
    "Limits",
    "SourceError",
    "SourceList",
    "SourceMap",
    "did_you_mean",
    "document_tree",
    "in_tree",
    "like_file",
    "load_json",
    "load_structured",
    "load_yaml",
    "nearest",
    "plain",
    "printable_json",
    "refuse_utf16",
    "seen",
    "span_of",
    "watched",
]
