"""Samples of a genome file that the file itself says are of a tumour."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DECLARED = re.compile(r"^##tumou?r_sample=(.*?)\s*$", re.IGNORECASE | re.MULTILINE)  # as somatic callers write it
_NAMED = ("TUMOR", "TUMOUR")  # columns of callers that name the two samples of a pair by what they are


def tumour_samples(header: str, samples: Sequence[str]) -> frozenset[str]:
    """Those of ``samples`` that a VCF header declares to be of a tumour, or that are called so.

    >>> sorted(tumour_samples("##tumor_sample=S2", ["S1", "S2"])), sorted(tumour_samples("", ["NORMAL", "TUMOR"]))
    (['S2'], ['TUMOR'])
    """
    declared = set(_DECLARED.findall(header))
    return frozenset(name for name in samples if name in declared or name.upper() in _NAMED)
