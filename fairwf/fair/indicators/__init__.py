"""The indicators, one module a principle: look for ``F2-3`` in ``f2_description``.

The modules of a principle with two rooms are R1: ``r1_usage`` is what lies around the workflow,
``r1_environment`` the workflow itself.
"""

from fairwf.fair.indicator import Indicator
from fairwf.fair.indicators import (
    a1_access,
    a2_archive,
    f1_identifiers,
    f2_description,
    f3_metadata,
    f4_registries,
    i1_formal,
    i2_vocabularies,
    i3_exchange,
    i4_references,
    r1_1_licence,
    r1_2_component_licences,
    r1_3_provenance,
    r1_environment,
    r1_usage,
    r2_other_workflows,
    r3_standards,
)


def _r1() -> tuple[Indicator, ...]:
    both = (*r1_usage.INDICATORS, *r1_environment.INDICATORS)
    return tuple(sorted(both, key=lambda indicator: indicator.id))


INDICATORS: tuple[Indicator, ...] = (
    *f1_identifiers.INDICATORS,
    *f2_description.INDICATORS,
    *f3_metadata.INDICATORS,
    *f4_registries.INDICATORS,
    *a1_access.INDICATORS,
    *a2_archive.INDICATORS,
    *i1_formal.INDICATORS,
    *i2_vocabularies.INDICATORS,
    *i3_exchange.INDICATORS,
    *i4_references.INDICATORS,
    *_r1(),
    *r1_1_licence.INDICATORS,
    *r1_2_component_licences.INDICATORS,
    *r1_3_provenance.INDICATORS,
    *r2_other_workflows.INDICATORS,
    *r3_standards.INDICATORS,
)
"""All sixty, in the order of the principles."""
