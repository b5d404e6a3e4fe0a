"""InvenioRDM repositories, by their REST API of drafts and records."""
