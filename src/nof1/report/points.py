"""A variant explained by points: on the page, as a line for a terminal and as a note in the bundle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nof1.model.classification import Agreement, ByPoints, Counted, Criterion, Origin, Strength
from nof1.model.evidence import SourceRef
from nof1.report.cite import Citations
from nof1.report.markup import Html, clean, row, table, tag, together

_SHORT = {
    Agreement.SAME: "as asserted",
    Agreement.LESS: "less than asserted",
    Agreement.MORE: "more than asserted",
    Agreement.OPPOSED: "AGAINST what is asserted",
    Agreement.NONE: "no single class is asserted",
}
_NOTHING = "no criterion found or given"
_HEADS = ("criterion", "points", "evidence", "found by")


def points_part(found: Sequence[ByPoints], cite: Citations) -> Html:
    """Each variant of a finding: total, class, every criterion, what was set aside and what was not looked at."""
    return together([_one(item, len(found) > 1, cite) for item in found])


def points_lines(item: ByPoints) -> Iterator[str]:
    """The explanation as lines, a criterion each."""
    yield f"{item.allele} by points: {item.points}, {class_words(item)}"
    yield f"  {f'asserted: {item.asserted}; ' if item.asserted else ''}{item.words}"
    for title, rows in (("", item.counted), ("set aside: ", item.set_aside)):
        for one in rows:
            strength = f" ({_strength(one)})" if _strength(one) else ""
            source = f" <{one.criterion.source}>" if one.criterion.source is not None else ""
            told = f"{one.criterion.evidence} [{found_by(one.criterion)}]{source}"
            yield f"  {title}{one.written}{strength} {_count(one)}: {told}"
    yield from (f"  not known: {text}" for text in item.not_told)


def points_text(item: ByPoints) -> str:
    """The explanation in one line.

    >>> from nof1.model.classification import VariantClass
    >>> unsure = VariantClass.UNCERTAIN
    >>> made = ByPoints("chr1:5:A:G", "pathogenic", unsure, unsure, 0, False, (), (), Agreement.LESS, "")
    >>> points_text(made)
    'by points: 0, uncertain significance, less than asserted (pathogenic); no criterion found or given'
    """
    counted = ", ".join(_brief(one) for one in item.counted) or _NOTHING
    beside = f"{_SHORT[item.agreement]} ({item.asserted})" if item.asserted else "nothing is asserted"
    return f"by points: {item.points}, {class_words(item)}, {beside}; {counted}"


def class_words(item: ByPoints) -> str:
    """The class, and that by the stricter limit of likely benign where it is another."""
    alone = " by a criterion that stands alone" if item.stand_alone else ""
    stricter = f" ({item.stricter} by the stricter limit of likely benign)" if item.stricter != item.classification else ""
    return f"{item.classification}{alone}{stricter}"


def _brief(one: Counted) -> str:
    by = f" by {one.criterion.by}, {one.criterion.on}" if one.criterion.origin is Origin.CURATOR else ""
    return f"{one.written} {_count(one)}{by}"


def _count(one: Counted) -> str:
    return "stands alone" if one.criterion.strength is Strength.STAND_ALONE else f"{one.points:+d}"


def _one(item: ByPoints, is_named: bool, cite: Citations) -> Html:
    about = tag("span", f" {item.allele}", class_="quiet") if is_named else Html("")
    parts = [tag("h4", f"By points: {item.points}, {class_words(item)}", about), _beside(item)]
    parts.append(_table(item.counted, cite, "Criteria that count") if item.counted else tag("p", _sentence(_NOTHING)))
    if item.set_aside:
        caption = "Set aside by a curator, and not counted"
        parts += [tag("h5", caption), _table(item.set_aside, cite, caption)]
    if item.not_told:
        parts.append(tag("p", clean(f"Not looked at, or not known: {'; '.join(item.not_told)}."), class_="quiet"))
    return tag("div", *parts, class_="by-points")


def _beside(item: ByPoints) -> Html:
    """What is asserted, and how the points stand to it."""
    said = f"Asserted: {item.asserted}; {item.words}." if item.asserted else _sentence(item.words)
    under_both = " Both published limits of likely benign give this class." if item.stricter == item.classification else ""
    return tag("p", tag("strong", said) if item.agreement is Agreement.OPPOSED else said, under_both)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _table(rows: Sequence[Counted], cite: Citations, caption: str) -> Html:
    return table("points-table", _HEADS, [_row(one, cite) for one in rows], caption)


def _row(one: Counted, cite: Citations) -> Html:
    criterion = one.criterion
    name = together([tag("b", one.written), f" {_strength(one)}"])
    who = found_by(criterion)
    source = together([" ", _cited(criterion.source, cite)]) if criterion.source is not None else Html("")
    return row(name, _count(one), clean(criterion.evidence), together([clean(who), source]))


def _strength(one: Counted) -> str:
    """Its strength, unless it is written behind the code; and that it is benign."""
    own = one.criterion.strength.replace("_", " ") if one.written == one.criterion.code else ""
    return ", ".join(part for part in (own, "benign" if one.criterion.is_benign else "") if part)


def found_by(criterion: Criterion) -> str:
    """Who says that a criterion is met."""
    return f"curator {criterion.by}, {criterion.on}" if criterion.origin is Origin.CURATOR else "machine"


def _cited(source: SourceRef, cite: Citations) -> Html:
    """A link to the source; that of a curator may be one that only they know."""
    return cite.link(source) if source.source in cite.numbers else tag("code", clean(str(source)))
