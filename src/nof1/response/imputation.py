"""Genotypes told from markers by a published decision list: the first row that applies counts, the others are skipped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nof1.knowledge.dose_equations import DoseEquation, Imputation
from nof1.response.dose_inputs import Inputs, Texts
from nof1.response.dose_values import indicators, truth


def impute(equation: DoseEquation, inputs: Inputs) -> tuple[Inputs, dict[str, Texts]]:
    """``inputs`` with unknown choices told from markers, and for each such input the marker used (empty: none).

    Where no row applies the input stays unknown.
    """
    told: dict[str, Texts] = {}
    codes = dict(inputs.codes)
    for item in equation.imputations:
        codes[item.input], told[item.input] = _impute(equation, item, inputs)
    return replace(inputs, codes=codes), told


def _impute(equation: DoseEquation, item: Imputation, inputs: Inputs) -> tuple[Texts, Texts]:
    names = indicators(equation, inputs)
    codes = inputs.codes[item.input].astype(object)
    used = np.full(inputs.people, "", object)
    open_ = ~inputs.known(item.input)
    for row in item.rows:
        read = inputs.markers[row.marker]
        applies = open_ & (read != "") & truth(row.when or "1", names, inputs.people)
        table = {"/".join(sorted(genotype.split("/"))): code for genotype, code in row.genotypes.items()}
        for genotype, code in table.items():
            hit = applies & (read == genotype)
            codes[hit], used[hit] = code, row.marker
            open_ &= ~hit
    return codes.astype(np.str_), used.astype(np.str_)
