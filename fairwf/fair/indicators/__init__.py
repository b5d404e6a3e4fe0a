"""The indicators, one module a principle: look for ``F3-1`` in ``f3_metadata``.

Two principles have two rooms. Of F2, ``f2_description`` is about the workflow as a whole and
``f2_components`` about its inputs, outputs and steps; of R1, ``r1_usage`` is what lies around the
workflow, ``r1_environment`` the workflow itself.
"""

from collections.abc import Iterable
from itertools import chain

from fairwf.fair.indicator import Indicator
from fairwf.fair.indicators import (
    a1_access,
    a2_archive,
    f1_identifiers,
    f2_components,
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


def _in_order(*rooms: Iterable[Indicator]) -> tuple[Indicator, ...]:
    return tuple(sorted(chain(*rooms), key=lambda indicator: indicator.id))


INDICATORS: tuple[Indicator, ...] = (
    *f1_identifiers.INDICATORS,
    *_in_order(f2_description.INDICATORS, f2_components.INDICATORS),
    *f3_metadata.INDICATORS,
    *f4_registries.INDICATORS,
    *a1_access.INDICATORS,
    *a2_archive.INDICATORS,
    *i1_formal.INDICATORS,
    *i2_vocabularies.INDICATORS,
    *i3_exchange.INDICATORS,
    *i4_references.INDICATORS,
    *_in_order(r1_usage.INDICATORS, r1_environment.INDICATORS),
    *r1_1_licence.INDICATORS,
    *r1_2_component_licences.INDICATORS,
    *r1_3_provenance.INDICATORS,
    *r2_other_workflows.INDICATORS,
    *r3_standards.INDICATORS,
)
"""All sixty, in the order of the principles."""
