"""Whether a model gives a patient parameters that can be: numbers, and volumes, clearances and rates above 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nof1.errors import InputError
from nof1.knowledge.formula import FormulaError
from nof1.knowledge.kinetics import PkModel
from nof1.response.course import course
from nof1.response.covariates import Concern, Fitting
from nof1.response.predict import parameters
from nof1.response.prepared import prepare

_ABOVE_ZERO = frozenset({"CL", "V", "Q", "V2", "Q3", "V3", "Vmax", "Km", "CLm", "Vm"})


def workable(model: PkModel, fitting: Fitting) -> Fitting:
    """``fitting``, refused where the typical parameters of the patient cannot be."""
    if fitting.is_refused or fitting.history is None:
        return fitting
    if not (odd := _odd(model, fitting)):
        return fitting
    told = Concern("refused", f"{model.title} gives no usable {odd} for these facts", model.source)
    return replace(fitting, history=None, concerns=(*fitting.concerns, told))


def _odd(model: PkModel, fitting: Fitting) -> str:
    """Parameters that are no number, or not above 0 where they have to be; in words."""
    assert fitting.history is not None
    arrays = course(model, [fitting.history])
    prepared = prepare(model, arrays.occasions)
    rates = {name for entry in model.structure.inputs for name in (entry.ka, entry.ktr) if name}
    with np.errstate(all="ignore"):
        try:
            found = parameters(prepared, arrays, np.zeros((1, 1, prepared.size)))
        except FormulaError as error:
            raise InputError(f"model {model.id} cannot be computed: {error}; correct it or choose another") from error
    odd = []
    for item in model.parameters:
        values = np.asarray(found[item.name], dtype=float)
        least = 0.0 if item.name in _ABOVE_ZERO | rates else -np.inf
        if not (np.isfinite(values) & (values > least)).all():
            odd.append(item.name)
    return ", ".join(odd)
