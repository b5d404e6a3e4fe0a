"""Any InvenioRDM repository, at the address that the user names."""

from __future__ import annotations

from fairwf.publish.invenio.deposit import Repository

TARGET = Repository(name="invenio", variable="FAIRWF_INVENIO_TOKEN")
