"""What the files beside a workflow state of it, each statement with its place.

``CITATION.cff`` (Citation File Format 1.2) and ``codemeta.json`` (CodeMeta 2 and 3). Nothing is
guessed: what is no text of the expected kind is passed over, and keys that nobody reads are named.
"""

from fairwf.stated.citation import CITATION, read_citation
from fairwf.stated.codemeta import CODEMETA, people, read_codemeta
from fairwf.stated.model import Fact, Grant, Party, Statements, texts

READERS = {CITATION: read_citation, CODEMETA: read_codemeta}
"""What reads the tree of a file, by the file's name."""

__all__ = [
    "CITATION",
    "CODEMETA",
    "READERS",
    "Fact",
    "Grant",
    "Party",
    "Statements",
    "people",
    "read_citation",
    "read_codemeta",
    "texts",
]
