"""Runs that cwltool recorded: CWLProv research objects (https://w3id.org/cwl/prov/0.6.0)."""
