"""Zenodo: InvenioRDM at https://zenodo.org, and at https://sandbox.zenodo.org for trying."""

from __future__ import annotations

from fairwf.publish.invenio.deposit import Repository

TARGET = Repository(
    name="zenodo",
    variable="FAIRWF_ZENODO_TOKEN",
    url="https://zenodo.org",
    publisher="Zenodo",  # without a publisher DataCite takes no DOI
    advice="make one at https://zenodo.org/account/settings/applications/ with the scopes "
    "deposit:write and deposit:actions",
)
