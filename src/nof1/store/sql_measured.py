"""A code together with a value above or below a limit: answered from the one index that has both side by side."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.fhir.query_tree import Amount, Combined, Criterion, Match, Token
from nof1.store.sql_scope import Scope
from nof1.store.sql_text import among, sql
from nof1.store.sql_values import UCUM, Rows, in_base_units, rows
from nof1.units.compare import canonical

# composite, or code and value asked for as two criteria of what has one code and one value -> parameter of the code
_COMPOSITES = {
    "Observation-code-value-quantity": "clinical-code",
    "Observation-combo-code-value-quantity": "Observation-combo-code",
    "Observation-component-code-value-quantity": "Observation-component-code",
}
_CODE, _VALUE = "clinical-code", "Observation-value-quantity"
_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def measured(scope: Scope, kinds: Sequence[str], match: Match, others: Sequence[Criterion]) -> list[Rows] | None:
    """The rows for ``match``, a composite or a value beside a code among ``others``; None where the index cannot tell."""
    if tuple(kinds) != ("Observation",) or match.modifier:
        return None
    if match.parameter.id in _COMPOSITES:
        pairs = [one.parts for one in match.values if isinstance(one, Combined)]
        return _rows(scope, _COMPOSITES[match.parameter.id], [((code,), amount) for code, amount in pairs])
    if match.parameter.id == _VALUE:
        for other in others:
            if isinstance(other, Match) and other.parameter.id == _CODE and not other.modifier:
                return _rows(scope, _CODE, [(other.values, amount) for amount in match.values])
    return None


def _rows(scope: Scope, code: str, pairs: Sequence[tuple[Sequence[object], object]]) -> list[Rows] | None:
    found = []
    for tokens, amount in pairs:
        codes = [one for one in tokens if isinstance(one, Token) and one.code is not None]
        if not isinstance(amount, Amount) or len(codes) != len(tokens):
            return None
        number, system, unit = amount
        based = in_base_units(number, unit) if system == UCUM and unit and number.prefix in _SIGNS else None
        if based is None or not unit:
            return None
        for one in rows(scope, code, "", codes):
            value = sql(f"@.value {_SIGNS[number.prefix]} ?", based.value)
            if not one.points:
                return None
            found.append(
                Rows("i_code_quantity", sql("{} AND {} AND {}", one.where, among("@.canon", [canonical(unit)]), value))
            )
    return found
