"""A static web site of a crate in a folder, for GitHub Pages or any other web server."""

from __future__ import annotations

from fairwf.publish.site.build import Site

TARGET = Site()
