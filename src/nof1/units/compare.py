"""Which units measure the same: comparable pairs, a canonical text for each dimension, the name of what is measured."""

from __future__ import annotations

from functools import cache, lru_cache

from nof1.units.grammar import parse
from nof1.units.tables import Dimension, kinds
from nof1.units.unit import Unit


def are_comparable(a: str, b: str) -> bool:
    """Whether a value in ``a`` can be converted to ``b`` without knowing the substance. Raises ``UnitError`` for bad text.

    >>> are_comparable("mg/dL", "g/L"), are_comparable("mg/dL", "mmol/L")
    (True, False)
    """
    return measure_the_same(parse(a), parse(b))


def measure_the_same(a: Unit, b: Unit) -> bool:
    """Whether two units have one dimension, and neither is a ratio of like amounts that the other is not."""
    return a.dimension == b.dimension and a.like_over_like == b.like_over_like


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The base unit of all units comparable with ``text``, as UCUM. Raises ``UnitError`` for bad text.

    >>> canonical("mmol/L"), canonical("Cel"), canonical("%")
    ('m-3.mol', 'K', '1')
    """
    unit = parse(text)
    return _written(unit.dimension, unit.like_over_like)


def kind(text: str) -> str:
    """What a unit measures, in words with an article. Raises ``UnitError`` for bad text.

    >>> kind("umol"), kind("umol/L")
    ('an amount of substance', 'an amount concentration')
    """
    base = canonical(text)
    name = _names().get(base, f"quantity in {base}")
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


@cache
def _names() -> dict[str, str]:
    return {canonical(example): name for name, example in reversed(kinds())}


def _written(dimension: Dimension, like_over_like: tuple[str, ...]) -> str:
    bases = [f"{base}{exponent if exponent != 1 else ''}" for base, exponent in dimension]
    ratios = "".join(f".{base}/{base}" for base in like_over_like)
    return (".".join(bases) + ratios).removeprefix(".") or "1"
