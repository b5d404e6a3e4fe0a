"""``ro-crate-preview.html``: one page that says what a crate holds, for people who rather look."""

from fairwf.crates.preview.page import PREVIEW, render, style, write_preview

__all__ = ["PREVIEW", "render", "style", "write_preview"]
