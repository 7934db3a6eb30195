"""The fields of a PKPDsim model file (JSON5), checked; what they mean is ``pkpdsim``'s business.

A line that ends in ``\\`` inside a text goes on, and PKPDsim reads its end as the end of a statement. JSON5 would drop it,
so it is kept here: without it ``//`` would turn the rest of the code into a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.knowledge.foreign.brought import finite, named, plain

_DEEPEST = 16
_MOST_PARAMETERS = 60
_MOST_SAID = 12
_KNOWN = frozenset({
    "id", "description", "ode_code", "pk_code", "n_comp", "obs", "dose", "parameters", "fixed", "omega_matrix", "iov", "ruv",
    "ltbs", "covariates", "variables", "lagtime", "references", "comments", "version", "misc", "development", "iiv", "units",
    "cmt_mapping", "build", "int_step_size", "default_parameters",
})  # fmt: skip
_REFUSED = {
    "state_init": "compartments that do not begin empty",
    "dose_code": "code that runs at each dose",
    "mixture": "mixtures of populations",
    "reparametrization": "another parametrization of the model",
}


@dataclass(frozen=True, slots=True)
class PkpdsimFile:
    """``omega``: (unfixed, unfixed) variances of the parameters that are not ``fixed``. ``occasion``: variance of kappas.

    ``observed``: ``("scale", compartment from 0, code)`` or ``("variable", 0, name)``. ``dosed``: compartment from 0.
    ``said``: what the file cites and remarks.
    ``bioavailability``: code, by compartment; ``prop`` and ``add`` are standard deviations, of the logarithm if ``logged``.
    """

    id: str
    description: str
    parameters: Mapping[str, float]
    fixed: frozenset[str]
    omega: NDArray[np.float64]
    occasion: Mapping[str, float]
    prop: float
    add: float
    logged: bool
    covariates: tuple[str, ...]
    pk_code: str
    ode_code: str
    observed: tuple[str, int, str]
    dosed: int
    bioavailability: tuple[str, ...]
    lag: str
    people: int
    said: tuple[str, ...]
    notes: tuple[str, ...]


def decoded(text: str, name: str) -> dict[str, Any]:
    """The object in a JSON5 ``text``. Raises ``RequestError``."""
    try:
        import pyjson5
    except ImportError:
        raise RequestError(f"{name}: reading JSON5 needs pyjson5; install nof1[dose]") from None
    try:
        raw = pyjson5.decode(re.sub(r"\\\r?\n", r"\\n\\\n", text), maxdepth=_DEEPEST)
    except pyjson5.Json5Exception as error:
        said = " ".join(str(error.args[0] if error.args else error).split())[:200]
        raise RequestError(f"{name}: is no JSON5 ({said}); is the file whole?") from None
    except (ValueError, OverflowError) as error:
        raise RequestError(f"{name}: is no JSON5 ({' '.join(str(error).split())[:200]})") from None
    if not isinstance(raw, dict):
        raise RequestError(f"{name}: holds no object; a PKPDsim model is one, with id, parameters and ode_code")
    return raw


def read(raw: Mapping[str, Any], name: str) -> PkpdsimFile:
    """The fields of ``raw``. Raises ``RequestError``: file, field, value, the way out."""
    for key, what in _REFUSED.items():
        if raw.get(key):
            raise RequestError(
                f"{name}: {key} is given; {what} cannot be carried over, remove it if the model holds without"
            )
    parameters = _parameters(raw, name)
    fixed = frozenset(_names(raw.get("fixed"), f"{name}: fixed"))
    if strange := sorted(fixed - set(parameters)):
        raise RequestError(f"{name}: fixed names {strange[0]!r}, which is no parameter; correct the name")
    prop, add = _residual(raw.get("ruv"), name)
    notes = [f"{key} is not carried over" for key in sorted(set(raw) - _KNOWN) if raw[key]]
    occasion, said = _occasion(raw.get("iov"), name)
    return PkpdsimFile(
        id=plain(raw.get("id")) or name,
        description=plain(raw.get("description")),
        parameters=parameters,
        fixed=fixed,
        omega=_omega(raw.get("omega_matrix"), [item for item in parameters if item not in fixed], name),
        occasion=occasion,
        prop=prop,
        add=add,
        logged=_flag(raw.get("ltbs"), f"{name}: ltbs"),
        covariates=tuple(_names(raw.get("covariates"), f"{name}: covariates")),
        pk_code=_code(raw.get("pk_code"), f"{name}: pk_code"),
        ode_code=_code(raw.get("ode_code"), f"{name}: ode_code"),
        observed=_observed(raw.get("obs"), name),
        dosed=_dosed(raw.get("dose"), name),
        bioavailability=_by_compartment((raw.get("dose") or {}).get("bioav"), f"{name}: dose.bioav"),
        lag=_lag(raw.get("lagtime"), name),
        people=_people(raw.get("development")),
        said=tuple(_said(raw)),
        notes=(*notes, *said),
    )


def _parameters(raw: Mapping[str, Any], name: str) -> dict[str, float]:
    given = raw.get("parameters")
    if not isinstance(given, dict) or not 0 < len(given) <= _MOST_PARAMETERS:
        raise RequestError(
            f"{name}: parameters is no object of 1 to {_MOST_PARAMETERS} numbers; a PKPDsim model has them there"
        )
    return {
        named(key, f"{name}: a name in parameters"): finite(value, f"{name}: parameters.{key}")
        for key, value in given.items()
    }


def _names(given: Any, place: str) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise RequestError(f"{place} is no list; write a list of names")
    return [named(item, f"{place}[{number}]") for number, item in enumerate(given)]


def _flag(given: Any, place: str) -> bool:
    if given is None or isinstance(given, bool):
        return bool(given)
    raise RequestError(f"{place} is {given!r}; write true or false")


def _code(given: Any, place: str) -> str:
    if given is not None and not isinstance(given, str):
        raise RequestError(f"{place} is no text; write the code as one text")
    return given or ""


def _omega(given: Any, unfixed: list[str], name: str) -> NDArray[np.float64]:
    """The lower triangle, row by row, as a symmetric matrix."""
    flat = [] if given is None else given
    count = len(unfixed)
    if not isinstance(flat, list) or len(flat) != count * (count + 1) // 2:
        has = len(flat) if isinstance(flat, list) else "no list of"
        raise RequestError(
            f"{name}: omega_matrix has {has} numbers; the lower triangle of {count} parameters that are not fixed"
            f" ({', '.join(unfixed)}) has {count * (count + 1) // 2}"
        )
    values = [finite(item, f"{name}: omega_matrix[{number}]") for number, item in enumerate(flat)]
    made = np.zeros((count, count))
    made[np.tril_indices(count)] = values
    return np.asarray(made + np.tril(made, -1).T, dtype=np.float64)


def _occasion(given: Any, name: str) -> tuple[dict[str, float], list[str]]:
    if given is None:
        return {}, []
    if not isinstance(given, dict) or not isinstance(given.get("cv"), dict):
        raise RequestError(f"{name}: iov has no cv by parameter; write iov: {{cv: {{NAME: number}}}} or leave it out")
    deviations = {
        named(key, f"{name}: iov.cv"): finite(value, f"{name}: iov.cv.{key}", 0.0) for key, value in given["cv"].items()
    }
    said = ["iov.cv is read as the standard deviation of the occasion's effect (kappa)"]
    if given.get("bins"):
        said.append(f"iov.bins {given['bins']} are not carried over; occasions are what the use of the model makes them")
    return {key: value * value for key, value in deviations.items()}, said


def _single(given: Any, place: str) -> Any:
    """The one value of a list that is as long, or the value itself."""
    if isinstance(given, list):
        if len(given) != 1:
            raise RequestError(f"{place} has {len(given)} values, for several outputs; one output is read")
        return given[0]
    return given


def _residual(given: Any, name: str) -> tuple[float, float]:
    if not isinstance(given, dict) or not given:
        raise RequestError(f"{name}: ruv is missing; no level can be weighed without it, add prop or add")
    if strange := sorted(set(given) - {"prop", "add"}):
        raise RequestError(f"{name}: ruv.{strange[0]} is not read; known are prop and add (standard deviations)")
    prop, add = (
        finite(_single(given.get(key, 0.0), f"{name}: ruv.{key}"), f"{name}: ruv.{key}", 0.0) for key in ("prop", "add")
    )
    if not prop and not add:
        raise RequestError(f"{name}: ruv is 0; a measurement without error cannot be weighed")
    return prop, add


def _observed(given: Any, name: str) -> tuple[str, int, str]:
    if not isinstance(given, dict):
        raise RequestError(f"{name}: obs is missing; say which compartment is measured and its scale")
    if given.get("variable"):
        return "variable", 0, named(_single(given["variable"], f"{name}: obs.variable"), f"{name}: obs.variable")
    scale = _single(given.get("scale"), f"{name}: obs.scale")
    if scale is None:
        raise RequestError(f"{name}: obs.scale is missing; it says by which volume the amount becomes a concentration")
    text = scale if isinstance(scale, str) else repr(finite(scale, f"{name}: obs.scale"))
    return "scale", _compartment(_single(given.get("cmt", 1), f"{name}: obs.cmt"), f"{name}: obs.cmt"), text


def _compartment(given: Any, place: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise RequestError(f"{place} is {given!r}; write the number of a compartment, from 1")
    return given - 1


def _dosed(given: Any, name: str) -> int:
    if given is not None and not isinstance(given, dict):
        raise RequestError(f"{name}: dose is no object; write dose: {{cmt: 1, bioav: 1}}")
    if strange := sorted(set(given or {}) - {"cmt", "bioav"}):
        raise RequestError(f"{name}: dose.{strange[0]} cannot be carried over; known are cmt and bioav")
    return _compartment((given or {}).get("cmt", 1), f"{name}: dose.cmt")


def _by_compartment(given: Any, place: str) -> tuple[str, ...]:
    items = given if isinstance(given, list) else [1 if given is None else given]
    return tuple(item if isinstance(item, str) else repr(finite(item, place, 0.0)) for item in items) or ("1",)


def _lag(given: Any, name: str) -> str:
    item = _single(given, f"{name}: lagtime")
    if item is None or item == 0:
        return ""
    return item if isinstance(item, str) else repr(finite(item, f"{name}: lagtime", 0.0))


def _said(raw: Mapping[str, Any]) -> Iterator[str]:
    """References and comments, each on one line."""
    cited, remarks = (raw.get(key) for key in ("references", "comments"))
    for item in (cited if isinstance(cited, list) else [])[:_MOST_SAID]:
        if isinstance(item, dict) and (words := " ".join(filter(None, (plain(item.get("ref")), plain(item.get("url")))))):
            yield f"the file cites: {words}"
    for item in (remarks if isinstance(remarks, list) else [])[:_MOST_SAID]:
        if words := plain(item):
            yield f"the file says: {words}"


def _people(given: Any) -> int:
    count = given.get("n_patients") if isinstance(given, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 0
