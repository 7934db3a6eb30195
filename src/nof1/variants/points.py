"""Evidence codes as panels write them, and the class their points amount to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nof1.errors import RequestError
from nof1.knowledge.criteria import ClassPoints, Code, PointsFile
from nof1.model.classification import Classification, Criterion, Strength, VariantClass

_SHAPE = re.compile(r"([A-Z]{2,3}[0-9])(?:[\s_:-]*\(?([A-Za-z][A-Za-z\s_-]*?)\)?)?")
_WORDS = {
    "p": Strength.SUPPORTING,
    "sup": Strength.SUPPORTING,
    "supp": Strength.SUPPORTING,
    "supporting": Strength.SUPPORTING,
    "m": Strength.MODERATE,
    "mod": Strength.MODERATE,
    "moderate": Strength.MODERATE,
    "s": Strength.STRONG,
    "str": Strength.STRONG,
    "strong": Strength.STRONG,
    "vs": Strength.VERY_STRONG,
    "vstr": Strength.VERY_STRONG,
    "verystrong": Strength.VERY_STRONG,
    "sa": Strength.STAND_ALONE,
    "standalone": Strength.STAND_ALONE,
}


def parse_code(text: str, points: PointsFile) -> Criterion:
    """The code ``text`` with its strength: its own, or the one written behind it (``_Supporting``, ``_Very Strong``).

    Raises ``RequestError`` for a code or a strength that is none.
    """
    found = _SHAPE.fullmatch(text.strip())
    codes = {row.code: row for row in points.codes}
    if found is None or found[1] not in codes:
        raise RequestError(
            f"evidence code {text!r} is none; write one of {', '.join(codes)}, with _Strength behind it if changed"
        )
    row = codes[found[1]]
    return Criterion(row.code, _strength(found[2], text, row), row.benign)


def _strength(word: str | None, text: str, row: Code) -> Strength:
    if word is None:
        return Strength(row.strength)
    strength = _WORDS.get(re.sub(r"[\s_-]", "", word).lower())
    if strength is None:
        known = "Supporting, Moderate, Strong, Very Strong, Stand Alone"
        raise RequestError(f"evidence code {text!r}: {word!r} is no strength; write one of {known}")
    if strength is Strength.STAND_ALONE and not row.benign:
        raise RequestError(f"evidence code {text!r}: only benign evidence can stand alone; write Very Strong or less")
    return strength


def parse_codes(text: str, points: PointsFile) -> tuple[Criterion, ...]:
    """The codes of a list separated by commas or semicolons; an empty text has none."""
    return tuple(parse_code(part, points) for part in re.split(r"[,;]", text) if part.strip())


def code_text(criterion: Criterion, points: PointsFile) -> str:
    """The code as panels write it: bare where the strength is its own, else with the strength behind it."""
    own = next(row.strength for row in points.codes if row.code == criterion.code)
    if own == criterion.strength:
        return criterion.code
    return f"{criterion.code}_{criterion.strength.replace('_', ' ').title()}"


def points_of(criterion: Criterion, points: PointsFile) -> int:
    """What ``criterion`` counts: below 0 where it is benign, 0 where it stands alone."""
    if criterion.strength is Strength.STAND_ALONE:
        return 0
    return points.points[criterion.strength] * (-1 if criterion.is_benign else 1)


def classify(criteria: Iterable[Criterion], points: PointsFile, set_aside: Sequence[Criterion] = ()) -> Classification:
    """The class of a variant by its ``criteria``, under both published limits of likely benign [tavtigian-2020#table-3].

    A code counts once, with the greatest strength in which it was given; evidence that stands alone decides by itself.
    """
    kept = _once(criteria)
    total = sum(points_of(item, points) for item in kept)
    alone = any(item.strength is Strength.STAND_ALONE for item in kept)
    limits = points.classes
    default, stricter = (
        VariantClass.BENIGN if alone else class_of(total, limits, limit)
        for limit in (limits.likely_benign, limits.likely_benign_stricter)
    )
    return Classification(default, stricter, total, alone, kept, tuple(set_aside))


def class_of(total: int, limits: ClassPoints, likely_benign: int) -> VariantClass:
    """The class of a sum of points."""
    if total >= limits.pathogenic:
        return VariantClass.PATHOGENIC
    if total >= limits.likely_pathogenic:
        return VariantClass.LIKELY_PATHOGENIC
    if total <= limits.benign:
        return VariantClass.BENIGN
    return VariantClass.LIKELY_BENIGN if total <= likely_benign else VariantClass.UNCERTAIN


def _once(criteria: Iterable[Criterion]) -> tuple[Criterion, ...]:
    order = list(Strength)
    kept: dict[str, Criterion] = {}
    for item in criteria:
        before = kept.get(item.code)
        if before is None or order.index(item.strength) > order.index(before.strength):
            kept[item.code] = item
    return tuple(kept.values())
