"""Broken, hostile and merely wrong model files: one line that says what, where and the way out; never a fault, never a guess."""

from __future__ import annotations

import contextlib
import re
import sys
import time

import pytest
from foreign_examples import PKPDSIM, parameter, tucuxi
from hypothesis import given, settings
from hypothesis import strategies as st
from test_foreign_models import brought

from nof1.errors import RequestError

CL, V = parameter("CL", "l/h", "4"), parameter("V", "l", "70")
LAUGHS = '<!DOCTYPE model [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'


def refusal(text: str | bytes) -> str:
    with pytest.raises(RequestError) as told:
        brought(text)
    said = str(told.value)
    assert said.startswith("model") and "\n" not in said and len(said) < 600
    return said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[0.09, 0.02, 0.04]", "[0.09, 0.02, -0.04]", "the variance of V is -0.04"),
        ("[0.09, 0.02, 0.04]", "[0.09, 0.09, 0.04]", "not positive definite"),
        ("[0.09, 0.02, 0.04]", "[0.09, NaN, 0.04]", r"omega_matrix\[1\] is nan; write a number"),
        ("[0.09, 0.02, 0.04]", "[0.09, Infinity, 0.04]", r"omega_matrix\[1\] is inf"),
        ("[0.09, 0.02, 0.04]", "[0.09, '0.02', 0.04]", r"omega_matrix\[1\] is '0.02'"),
        ("[0.09, 0.02, 0.04]", "[0.09, 0.02]", r"has 2 numbers; .*\(CL, V\) has 3"),
        ("[0.09, 0.02, 0.04]", "[0.09, 0.02, 0]", "V vary by 0 and still have a covariance"),
        ("[0.09, 0.02, 0.04]", "null", "has 0 numbers"),
        ('"CL": 5', '"CL": NaN', "parameters.CL is nan"),
        ('"CL": 5', '"CL": 1' + "0" * 400, "parameters.CL is 1000"),
        ('"CL": 5', '"CL": true', "parameters.CL is True"),
        ('"CL": 5', '"C L": 5', "a name in parameters is 'C L'"),
        ('"CL": 5', '"WT": 1, "CL": 5', "'WT' is a parameter and a covariate|omega_matrix has 3 numbers"),
        ('["KA", "F1"]', '["KA", "F2", "F1"]', "fixed names 'F2'"),
        ('"prop": 0.1', '"prop": -0.1', "ruv.prop is -0.1; write a number of 0 or more"),
        ('"prop": 0.1', '"exp": 0.1', "ruv.exp is not read"),
        ('{ "prop": 0.1, "add": 20 }', "{ prop: 0 }", "ruv is 0"),
        ('"ruv"', '"residual"', "ruv is missing"),
        ('"ruv"', '"ltbs": true, "ruv"', "ruv.prop 0.1 with ltbs"),
        ('"cv": { "CL": 0.1 }', '"cv": 0.1', "iov has no cv by parameter"),
        ('"obs"', '"observed"', "obs is missing"),
        ('"cmt": 2, ', '"cmt": 3, ', "dose.cmt 1 does not reach|something|volume|exchange|all is empty|fit none|no amount"),
        ('"cmt": 2, ', '"cmt": 0, ', "obs.cmt is 0"),
        ('"cmt": 2, ', '"cmt": 99, ', "follows from 0 compartments|has no value"),
        ('"scale": "V * WT/70.0 / 1000.0"', '"scale": null', "obs.scale is missing"),
        ('"scale": "V * WT/70.0 / 1000.0"', '"scale": "V *"', "obs.scale"),
        ('"dose": { "cmt": 1', '"dose": { "cmt": 3', "does not reach"),
        ('"dose": { "cmt": 1', '"dose": { "duplicate": 2, "cmt": 1', "dose.duplicate cannot be carried over"),
        ('["F1", 1]', '["G1", 1]', "'G1' has no value"),
        ('"n_comp": 3', '"state_init": "A[0] = 5;"', "state_init is given"),
        ("exp(kappa_CL)", "exp(kappa_V)", "'kappa_V' has no value"),
        ("SIZE = pow(WT/70.0, 0.75)", "SIZE = pow(BSA/70.0, 0.75)", "'BSA' has no value"),
        ("else { OLD = 1 }", "", "'OLD' has no value in every case"),
        ("(CLi/Vi)*A[1] ", "(CLi/Vi)*A[1]*A[1] ", "neither linear nor Michaelis-Menten"),
        ("(CLi/Vi)*A[1] ", "(CLi/Vi)*A[1] + 1 ", "drug flows although all is empty|flows"),
        ("KA*A[0] - (CLi/Vi)", "0.5*KA*A[0] - (CLi/Vi)", "fit none"),
        ("-KA*A[0] ", "-KA*A[0] + 0.1*A[1] ", "flows back"),
        ("-KA*A[0] ", "-KA*A[0]/(1+A[0]) ", "not linear outside the central"),
        ("KA*A[0] - (CLi/Vi)", "exp(1000*A[0]) - (CLi/Vi)", "drug flows although all is empty|not linear"),
        ("dAdt[2]", "dAdt[7]", r"sets dAdt of \[0, 1, 7\]"),
        ("dAdt[1] =", "A[1] =", r"sets dAdt of \[0, 2\]"),
        ('"covariates": ["WT", "AGE"]', '"covariates": "WT"', "covariates is no list"),
        ('"ode_code":', '"ode_code": 5, "x":', "ode_code is no text"),
        ('"parameters":', '"parameters": [], "x":', "parameters is no object"),
    ],
)
def test_a_pkpdsim_file_that_is_wrong(old: str, new: str, said: str) -> None:
    assert old in PKPDSIM
    assert re.search(said, refusal(PKPDSIM.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (tucuxi(head=LAUGHS), "line 1: a document type"),
        (tucuxi(head='<!DOCTYPE model SYSTEM "file:///etc/passwd">'), "a document type"),
        ("<a>" * 100_000, "nested deeper than 64"),
        ("<model/>", "has no drugModel"),
        (tucuxi().replace("nothing</drugId>", "&bomb;</drugId>"), "no XML"),
        (tucuxi(structure="linear.4comp.macro"), "pkModelId is 'linear.4comp.macro'"),
        (tucuxi(structure="michaelismenten.2comp.erlang3"), "pkModelId is"),
        (tucuxi(structure="linear.2comp.macro"), "needs the parameter Q or Q2"),
        (tucuxi(parameters=CL + V + parameter("V9", "l", "1", "")), "'V9' has no place"),
        (tucuxi(parameters=CL + CL + V), "line .*'CL' is given twice"),
        (tucuxi(parameters=parameter("CL", "ml/min", "60") + V), "CL is in 'ml/min', and Tucuxi computes with L/h"),
        (tucuxi(parameters=parameter("CL", "kg", "60") + V), "CL is in 'kg'"),
        (tucuxi(parameters=parameter("CL", "l/h", "nan") + V), "standardValue of CL is nan"),
        (tucuxi(parameters=parameter("CL", "l/h", "four") + V), "standardValue of CL is 'four'"),
        (tucuxi(parameters=parameter("CL", "l/h", "4", "-0.3") + V), "stdDev of CL is -0.3"),
        (tucuxi(parameters=parameter("CL", "l/h", "4", "inf") + V), "stdDev of CL is inf"),
        (tucuxi(parameters=parameter("CL", "l/h", "4", kind="cauchy") + V), "bsvType of CL is 'cauchy'"),
        (tucuxi(parameters=parameter("CL", "l/h", "4", code="return weight * 2;") + V), "'weight' has no value"),
        (tucuxi(parameters=parameter("CL", "l/h", "4", code="x = 1;") + V), "returns nothing"),
        (tucuxi(parameters=parameter("CL", "l/h", "4", code="while (true) { }") + V), "'while'"),
        (tucuxi(parameters=parameter("CL", "l/h", "4", code="return Math.random();") + V), "function 'random'"),
        (tucuxi(parameters=parameter("CL", "l/h", "4", "") + V), "a correlation names 'CL', which does not vary"),
        (tucuxi().replace("<value>0.5</value>", "<value>1.5</value>"), "is 1.5; write two parameters"),
        (tucuxi().replace("<value>0.5</value>", "<value>1</value>"), "not positive definite"),
        (tucuxi(absorbed=parameter("Ka", "h-1", "1", "") + parameter("F", "%", "80", "")), "F is 80"),
        (tucuxi(absorption="intra"), "absorption model 'intra'"),
        (tucuxi(absorption="extra.lag"), "needs the parameter Tlag"),
        (tucuxi(absorption="infusion"), "'Ka' has no place"),
        (tucuxi(error="<errorModelType>softcoded</errorModelType>"), "errorModelType is 'softcoded'"),
        (tucuxi(error="<errorModelType>mixed</errorModelType>"), "has 0 sigmas; write 2"),
        (tucuxi(unit="mmol/l"), "a mass in a volume"),
        (tucuxi(unit="mg/l"), "does not say which"),
        (tucuxi().replace("hardFormula>direct<", "hardFormula>sum<"), "not 'direct'"),
        (tucuxi(constraints="<constraint/>"), "constraint 1 has no code"),
        (tucuxi().replace("bodyweight >= 40", "bodyweight >= fourty"), "line .* bodyweight: 'fourty' has no value"),
        (tucuxi().replace("<unit>kg</unit>", "<unit>stone</unit>"), "covariate .bodyweight.: unit .stone."),
    ],
)
def test_a_tucuxi_file_that_is_wrong(text: str, said: str) -> None:
    assert re.search(said, refusal(text))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "neither"),
        (b"\x00\x01\x02", "neither"),
        (b"schema: 1\nid: mine\n", "a file of nof1 already"),
        (b"{", "no JSON5"),
        (b"{}", "parameters is no object"),
        (b"{" + b'"a": {' * 100_000, "no JSON5"),
        (b'{"a": ' + b"[" * 100_000, "no JSON5"),
        (b'{"id": "\xff"}', "byte 8: not UTF-8"),
        (b"{" + b" " * 1_000_001, "more than 1000000 bytes"),
        ("<model>".encode("utf-16"), "no XML"),
        (b'<?xml version="1.0" encoding="none-such"?><model/>', "no XML|has no drugModel"),
    ],
)
def test_what_is_no_model_file(data: bytes, said: str) -> None:
    assert re.search(said, refusal(data))


def test_without_the_reader_of_json5_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyjson5", None)
    assert "install nof1[dose]" in refusal(PKPDSIM)
    brought(tucuxi())


def test_an_option_for_the_other_format_is_refused() -> None:
    with pytest.raises(RequestError, match="--units-as-computed is for Tucuxi"):
        brought(PKPDSIM, as_computed=True)


@pytest.mark.parametrize("text", [PKPDSIM, tucuxi()], ids=["PKPDsim", "Tucuxi"])
def test_a_truncated_file_is_refused(text: str) -> None:
    whole = text.rstrip()
    for end in range(0, len(whole), 23):
        refusal(whole[:end])


_TEXTS = st.sampled_from([PKPDSIM, tucuxi()])
_WORDS = st.sampled_from(
    ["", "0", "-1", "1e308", "NaN", "A[0]", "A[1]", "(", ")", "{", "}", "<", ">", "&", '"', "t", "/0.0", "CL", "\\\n"]
)


@settings(max_examples=400, deadline=None)
@given(_TEXTS, st.floats(0, 1), st.integers(0, 12), _WORDS)
def test_a_damaged_file_gives_a_model_or_one_line(text: str, where: float, length: int, word: str) -> None:
    """Anything may be cut out and anything put in: what comes back loads, or is refused."""
    start = int(where * len(text))
    began = time.monotonic()
    with contextlib.suppress(RequestError):
        brought(text[:start] + word + text[start + length :])
    assert time.monotonic() - began < 5
