"""The parts of a Tucuxi drug file (XML) that make a model, checked; what they mean is ``tucuxi``'s business."""

from __future__ import annotations

from dataclasses import dataclass

from nof1.errors import RequestError
from nof1.knowledge.foreign.brought import finite, named, plain
from nof1.knowledge.foreign.xml_tree import Element

_SPELLED = {"": "1", "-": "1", "y": "a", "h-1": "/h"}
_VARIES = ("none", "exponential", "lognormal", "proportional", "normal", "additive", "logit")
_MOST = 60


@dataclass(frozen=True, slots=True)
class Varied:
    """A parameter: ``code`` (JavaScript) gives its typical value from ``value``; empty for the value itself.

    ``deviations``: standard deviations of what ``kind`` of variability adds up.
    """

    id: str
    unit: str
    value: float
    code: str
    kind: str
    deviations: tuple[float, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Asking:
    """A covariate; ``valid``: code of a condition, with what is said where it does not hold."""

    id: str
    title: str
    unit: str
    kind: str
    assumed: float | None
    interpolation: str
    valid: tuple[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Way:
    """How a dose enters: ``absorption`` model, its parameters, and by which factor the dose becomes the analyte."""

    route: str
    absorption: str
    parameters: tuple[Varied, ...]
    factor: float


@dataclass(frozen=True, slots=True)
class Limit:
    """A condition of the model's domain."""

    code: str
    says: str
    hard: bool


@dataclass(frozen=True, slots=True)
class TucuxiFile:
    """``correlations``: (parameter, parameter, coefficient). ``error``: kind of the residual error and its sigmas."""

    id: str
    drug: str
    title: str
    population: str
    structure: str
    unit: str
    parameters: tuple[Varied, ...]
    correlations: tuple[tuple[str, str, float], ...]
    covariates: tuple[Asking, ...]
    ways: tuple[Way, ...]
    limits: tuple[Limit, ...]
    error: tuple[str, tuple[float, ...]]


def read(root: Element, name: str) -> TucuxiFile:
    """The parts of ``root``. Raises ``RequestError``: file, line, what, the way out."""
    model = root.first("drugModel")
    if root.tag != "model" or model is None:
        raise RequestError(f"{name}: the root is <{root.tag}> and has no drugModel; a Tucuxi drug file has model/drugModel")
    group = _only(model, "analyteGroups", "analyteGroup", name)
    analyte = _only(group, "analytes", "analyte", name)
    _direct_only(model, name)
    sets = [part for part in group.walk() if part.tag == "dispositionParameters"]
    sets += [part for part in model.walk() if part.tag == "parameterSet"]
    return TucuxiFile(
        id=model.said("drugModelId") or name,
        drug=plain(root.said("head", "drug", "activeSubstances", "activeSubstance")),
        title=_words(root.first("head", "study", "description"), "desc") or plain(model.said("drugModelId")),
        population=_words(model.first("domain", "description"), "desc"),
        structure=group.said("pkModelId"),
        unit=ucum(analyte.said("unit")),
        parameters=_parameters(group.first("dispositionParameters"), name),
        correlations=tuple(pair for part in sets for pair in _correlations(part, name)),
        covariates=tuple(_covariate(item, name) for item in _few(model.first("covariates"), "covariate", name)),
        ways=_ways(model, name),
        limits=tuple(_limits(model)),
        error=_error(analyte, name),
    )


def ucum(text: str) -> str:
    """A unit of the file in UCUM's spelling.

    >>> ucum("µg/l"), ucum("h-1"), ucum("-")
    ('ug/L', '/h', '1')
    """
    plain_text = text.strip().replace("µ", "u").replace("μ", "u")
    return _SPELLED.get(plain_text, plain_text.replace("l", "L"))


def _few(parent: Element | None, tag: str, name: str) -> list[Element]:
    found = parent.every(tag) if parent else []
    if parent and len(found) > _MOST:
        raise RequestError(f"{name} line {parent.line}: {len(found)} of <{tag}>; {_MOST} at most are read")
    return found


def _only(parent: Element, many: str, one: str, name: str) -> Element:
    found = _few(parent.first(many), one, name)
    if len(found) != 1:
        raise RequestError(f"{name} line {parent.line}: {len(found)} of <{one}>; a model of one substance is read")
    return found[0]


def _direct_only(model: Element, name: str) -> None:
    """What is measured is the analyte itself, not made up of several."""
    for part in model.walk():
        if part.tag == "analytesToMoietyFormula" and part.said("hardFormula") != "direct":
            raise RequestError(
                f"{name} line {part.line}: analytesToMoietyFormula is not 'direct'; only the analyte itself is read"
            )


def _words(parent: Element | None, tag: str) -> str:
    """The English words, or else the first."""
    found = parent.every(tag) if parent else []
    english = next((item for item in found if item.attributes.get("lang") == "en"), found[0] if found else None)
    return plain(english.text) if english else ""


def _figure(text: str, place: str, least: float = float("-inf")) -> float:
    try:
        value = float(text)
    except ValueError:
        raise RequestError(f"{place} is {text[:60]!r}; write a number") from None
    return finite(value, place, least)


def _parameters(parent: Element | None, name: str) -> tuple[Varied, ...]:
    return tuple(_varied(item, name) for item in _few(parent.first("parameters") if parent else None, "parameter", name))


def _varied(item: Element, name: str) -> Varied:
    here = f"{name} line {item.line}"
    id_ = named(item.said("parameterId"), f"{here}: parameterId")
    kind = item.said("bsv", "bsvType") or "none"
    if kind not in _VARIES:
        raise RequestError(f"{here}: bsvType of {id_} is {kind[:40]!r}; known are {', '.join(_VARIES)}")
    spread = item.first("bsv", "stdDevs")
    deviations = tuple(
        _figure(part.text.strip(), f"{here}: stdDev of {id_}", 0.0) for part in (spread.every("stdDev") if spread else ())
    )
    if (kind == "none") == bool(deviations):
        raise RequestError(f"{here}: {id_} has bsvType {kind!r} and {len(deviations)} stdDev; correct one of them")
    value = _figure(item.said("parameterValue", "standardValue"), f"{here}: standardValue of {id_}")
    code = _code(item.first("parameterValue", "aprioriComputation"), f"{here}: {id_}")
    return Varied(id_, item.said("unit"), value, code, kind, deviations, item.line)


def _code(parent: Element | None, place: str) -> str:
    if parent is None:
        return ""
    code = parent.said("softFormula", "code")
    if not code:
        raise RequestError(f"{place}: aprioriComputation is no softFormula with code; write it as one")
    return code


def _correlations(parent: Element, name: str) -> list[tuple[str, str, float]]:
    found = []
    for item in _few(parent.first("correlations"), "correlation", name):
        place = f"{name} line {item.line}: correlation"
        one, other = (named(item.said(tag), f"{place}: {tag}") for tag in ("param1", "param2"))
        value = _figure(item.said("value"), f"{place} of {one} and {other}")
        if one == other or not -1 <= value <= 1:
            raise RequestError(f"{place} of {one} and {other} is {value:g}; write two parameters and a number from -1 to 1")
        found.append((one, other, value))
    return found


def _covariate(item: Element, name: str) -> Asking:
    here = f"{name} line {item.line}"
    id_ = named(item.said("covariateId"), f"{here}: covariateId")
    given = item.said("covariateValue", "standardValue")
    validation = item.first("validation")
    code = validation.said("operation", "softFormula", "code") if validation else ""
    says = _words(validation.first("errorMessage"), "text") if validation else ""
    return Asking(
        id=id_,
        title=_words(item.first("covariateName"), "name") or id_,
        unit=ucum(item.said("unit")),
        kind=item.said("covariateType"),
        assumed=_figure(given, f"{here}: standardValue of {id_}") if given else None,
        interpolation=item.said("interpolationType"),
        valid=(code, says or f"{id_} is outside what the file allows"),
        line=item.line,
    )


def _ways(model: Element, name: str) -> tuple[Way, ...]:
    found = [_way(item, name) for item in _few(model.first("formulationAndRoutes"), "formulationAndRoute", name)]
    if not found:
        raise RequestError(f"{name} line {model.line}: no formulationAndRoute; say how a dose enters")
    return tuple(found)


def _way(item: Element, name: str) -> Way:
    inner = _few(item.first("absorptionParameters"), "parameterSetAnalyteGroup", name)
    if len(inner) > 1:
        raise RequestError(f"{name} line {item.line}: {len(inner)} of <parameterSetAnalyteGroup>; one is read")
    absorption = (inner[0].said("absorptionModel") if inner else "") or item.said("absorptionModel")
    factors = [part.said("factor") for part in item.walk() if part.tag == "analyteConversion"]
    factor = _figure(factors[0], f"{name} line {item.line}: factor", 0.0) if factors else 1.0
    parameters = _parameters(inner[0].first("parameterSet"), name) if inner else ()
    return Way(item.said("administrationRoute"), absorption, parameters, factor)


def _limits(model: Element) -> list[Limit]:
    found = []
    for item in (part for part in model.walk() if part.tag == "constraint"):
        code = next((part.said("code") for part in item.walk() if part.tag == "softFormula"), "")
        says = _words(item.first("errorMessage"), "text") or "outside the domain of the model"
        found.append(Limit(code, says, item.said("constraintType").lower() == "hard"))
    return found


def _error(analyte: Element, name: str) -> tuple[str, tuple[float, ...]]:
    model = analyte.first("errorModel")
    if model is None:
        raise RequestError(f"{name} line {analyte.line}: no errorModel; without it no level can be weighed")
    sigmas = [item for item in model.walk() if item.tag == "sigma"]
    if any(len(item.children) != 1 for item in sigmas):
        raise RequestError(f"{name} line {model.line}: a sigma is computed; write its standardValue alone")
    place = f"{name} line {model.line}: sigma"
    return model.said("errorModelType"), tuple(_figure(item.said("standardValue"), place, 0.0) for item in sigmas)
