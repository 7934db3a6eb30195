"""The closed part of C++ and JavaScript: what it means in the formula language, and what is refused."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.errors import RequestError
from nof1.knowledge.foreign.expression import Name, Unset, text_of
from nof1.knowledge.foreign.script import parse, parse_expression
from nof1.knowledge.foreign.translate import Script
from nof1.knowledge.formula import parse as formula


def result(code: str, **inputs: float) -> float:
    """What ``x`` is after C++ ``code``, by its definitions in the formula language."""
    script = Script("code", {name: Name(name) for name in inputs} | {"x": Unset("x")}, set(inputs))
    script.run(parse(code, "C++", "code"))
    found: dict[str, float] = dict(inputs)
    with np.errstate(all="ignore"):
        for item in script.definitions:
            found[item.name] = float(formula(text_of(item.value, "code")).evaluate(found))
        return float(formula(text_of(script.known["x"], "code")).evaluate(found))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = -a*a", -9.0),
        ("x = pow(-a, 2)", 9.0),
        ("x = -pow(a, 2)", -9.0),
        ("x = pow(2, pow(a, 2)) - pow(pow(2, a), 2)", 512.0 - 64.0),
        ("x = a - (2 - 1) - 1", 1.0),
        ("x = 12 / a / 2.0", 2.0),
        ("x = 12 / (a / 2.0)", 8.0),
        ("x = a\n x = x + 1\n x *= x", 16.0),
        ("x = log10(1000.0) + fabs(-a) + std::sqrt(16.0)", 10.0),
        ("x = a > 2 ? 1 : a > 1 ? 2 : 3", 1.0),
        ("x = (a > 2) + (a > 5)", 1.0),
        ("x = 1 < a < 1", 0.0),
        ("x = 5 > a > 2", 0.0),
        ("if (!(a > 2)) x = 1; else x = 2;", 2.0),
        ("if (a) { x = 4 } else x = 5", 4.0),
        ("if (a > 1 & a < 2 || a == 3) { x = 1 } else { x = 0 }", 1.0),
        ("x = 1 if (a > 2) { x = 2 if (a > 2.5) { x = x * 10 } } y = x", 20.0),
        ("if (a <= 2) { x = 1 } if (a > 2) { x = 7 }", 7.0),
        ("b = 1 if (a > 2) { b = 2\n x = b + 1 } else { x = b }", 3.0),
        ("x = 1 // x = 2\n /* x = 3 */ ;", 1.0),
        ("double b = a; x = max(b, 4) + min(a, 1.)", 5.0),
        ("x = .5e1 + 1.", 6.0),
        ("lambda = 2 CL = lambda V = CL x = V + where exp = 0", math.nan),
    ],
)
def test_code_means_what_it_says(code: str, expected: float) -> None:
    if math.isnan(expected):
        with pytest.raises((RequestError, ValueError)):
            result(code, a=3.0)
        return
    assert result(code, a=3.0) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = 1/2", "whole number"),
        ("x = pow(a, (1+1)/3)", "whole number"),
        ("x = a ^ 2", "'^'"),
        ("x = a ** 2", r"'\*\*'; only assignments"),
        ("x = a % 2", "'%'"),
        ("x = a | 2", "arithmetic of bits"),
        ("for (i = 0; i < 3; i++) x = 1", "'for'"),
        ("int x = 1", "'int'"),
        ("x = system(1)", "function 'system'"),
        ("x = pow(2)", "takes 2"),
        ("x = 010", "begins with 0"),
        ("x = 1e999", "too large"),
        ("x = 1.0f", "where '=' belongs"),
        ("x = A[i]", "number of the compartment"),
        ("x = (a", "cut off"),
        ("if (a > 1) { x = 1", "cut off"),
        ("x = 'a'", '"\'"'),
        ("x = " + "(" * 500 + "a", "nested deeper"),
        ("x = " + "- " * 500 + "a", "nested deeper"),
        ("x = a" + " + a" * 5000, "more than 200 operations"),
        ("if (a > 1) { " * 200, "nested deeper"),
        ("if (a > 2) { x = 1 }", "'x' has no value in every case"),
        ("x = b", "needs b"),
        ("x = a" + " " * 60_000, "60005 characters"),
    ],
)
def test_code_that_is_refused(code: str, said: str) -> None:
    with pytest.raises((RequestError, ValueError), match="(?s).*" + said.replace("^", r"\^")):
        result(code, a=3.0)


def test_chains_of_choices_end_in_a_refusal_and_not_in_a_fault() -> None:
    with pytest.raises(RequestError, match="more than 400 parts"):
        result("\n".join(f"if (a == {number}) {{ x = {number} }}" for number in range(400)), a=3.0)


_LEAVES = st.sampled_from([(text, text) for text in ("a", "b", "2.5", "0.3", "7.0")])
Both = tuple[str, str]  # the same arithmetic in C++ and in Python


def _grown(inner: st.SearchStrategy[Both]) -> st.SearchStrategy[Both]:
    """Larger arithmetic from smaller: the same brackets in both, so that both must read signs in the same order."""

    def joined(*patterns: Both) -> st.SearchStrategy[Both]:
        return st.tuples(st.sampled_from(patterns), st.tuples(inner, inner, inner, inner)).map(
            lambda drawn: tuple(pattern.format(*(part[side] for part in drawn[1])) for side, pattern in enumerate(drawn[0]))
        )

    return joined(
        *((f"{{}} {sign} {{}}", f"{{}} {sign} {{}}") for sign in "+-*/"),
        ("({})", "({})"),
        ("-({})", "-({})"),
        ("pow({}, {})", "pow({}, {})"),
        ("max({}, {})", "max({}, {})"),
        ("(({}) < ({}) ? {} : {})", "where(({}) < ({}), {}, {})"),
        ("(({}) >= ({}) && !(({}) > ({})) ? a : b)", "where((({}) >= ({})) & ~np.bool_(({}) > ({})), a, b)"),
    )


@settings(max_examples=300, deadline=None)
@given(st.recursive(_LEAVES, _grown, max_leaves=12))
def test_arithmetic_is_that_of_the_code(both: Both) -> None:
    written = text_of(parse_expression(both[0], "C++", "code"), "code")
    inputs = {"a": np.float64(1.7), "b": np.float64(0.9)}
    known = {"pow": np.power, "max": np.maximum, "where": np.where, "np": np}
    with np.errstate(all="ignore"):
        ours = float(formula(written).evaluate(inputs))
        theirs = float(eval(re.sub(r"(\d+\.\d+)", r"np.float64(\1)", both[1]), known | inputs))
    assert ours == theirs or (math.isnan(ours) and math.isnan(theirs))
