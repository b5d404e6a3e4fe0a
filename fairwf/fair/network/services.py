"""The services that are asked, by the roots of their addresses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Services:
    """Roots of addresses, without a slash at the end.

    DOI resolver (content negotiation of DataCite and Crossref), Software Heritage (API 1),
    WorkflowHub (JSON:API), Dockstore (GA4GH TRS 2), bio.tools (API), Anaconda (API).
    """

    doi: str = "https://doi.org"
    archive: str = "https://archive.softwareheritage.org"
    hub: str = "https://workflowhub.eu"
    dockstore: str = "https://dockstore.org"
    tools: str = "https://bio.tools"
    conda: str = "https://api.anaconda.org"
