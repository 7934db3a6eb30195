"""Model files of PKPDsim and Tucuxi become models of ours, or are refused with the reason: two examples, then every file at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from foreign_examples import PKPDSIM, parameter, tucuxi
from foreign_values import rates, values

from nof1.cli.main import main
from nof1.errors import RequestError
from nof1.knowledge.check_kinetics import check_model
from nof1.knowledge.foreign.brought import Asked, Brought
from nof1.knowledge.foreign.detect import read_model, written
from nof1.knowledge.kinetics import Input, PkModel, Residual
from nof1.knowledge.tables import read_yaml
from nof1.response.course import course
from nof1.response.history import Dose, History
from nof1.response.predict import predict
from nof1.response.prepared import prepare

pytest.importorskip("pyjson5", reason="pyjson5 absent: install nof1[dose] to run this test")

# file -> compartments, elimination, input, output, error, effects (per occasion ones after +); or words of the refusal
PKPDSIM_FILES = {
    "pk_busulfan_mccune": "2 linear bolus ug/L combined2 CL V Q V2 + CL V",
    "pk_busulfan_shukla": "1 linear bolus ug/L combined2 CL V + CL V",
    "pk_cefepime_an": "2 linear bolus mg/L combined2 CLiiv V V2",
    "pk_pegasparaginase_modified_wurthwein": "what obs names follows from 14 compartments",
    "pk_vanco_adane": "1 linear bolus mg/L combined2 V CL",
    "pk_vanco_anderson": "1 linear bolus mg/L combined2 CL V",
    "pk_vanco_brooks": "2 linear bolus mg/L combined2 CL V V2",
    "pk_vanco_buelga": "1 linear bolus mg/L additive CL V",
    "pk_vanco_capparelli": "2 linear bolus mg/L combined2 CL VSS",
    "pk_vanco_carreno": "2 linear bolus mg/L combined2 V SCLSlope K12 K21 SCLInter",
    "pk_vanco_colin": "2 linear bolus mg/L combined2 CL V V2",
    "pk_vanco_dao": "1 linear bolus mg/L combined2 CL",
    "pk_vanco_frymoyer": "1 linear bolus mg/L combined2 CL V",
    "pk_vanco_germovsek": "1 linear bolus mg/L combined2 CL V",
    "pk_vanco_goti": "2 linear bolus mg/L combined2 CL V V2",
    "pk_vanco_hughes": "2 linear bolus mg/L combined2 CL V V2",
    "pk_vanco_jacqzaigrain": "2 linear bolus mg/L combined2 CL V V2 + CL",
    "pk_vanco_kloprogge": "2 linear bolus mg/L lognormal CL V",
    "pk_vanco_le": "1 linear bolus mg/L combined2 CL V",
    "pk_vanco_thomson": "2 linear bolus mg/L combined2 CL V Q V2",
    "pk_vanco_thomson_capped": "2 linear bolus mg/L combined2 CL V Q V2",
    "pk_vanco_tong": "2 linear bolus mg/L combined2 CL V V2",
    "pk_voriconazole_friberg": "2 parallel first_order mg/L combined2 KA VMAX1 KM CL Q V V2 F1",
    "pkpd_neutropenia_template1": "ruv.prop has 2 values, for several outputs",
    "pkpd_neutropenia_template2": "the equations give no number while a compartment is empty",
}
# Tucuxi's validation names its models ABCDEF: A way (1 oral, 2 infusion, 3 bolus), B compartments, then what else it has
_TUCUXI_REFUSED = "without converting; correct the unit in the file"


def brought(text: str | bytes, name: str = "model", *, as_computed: bool = False) -> Brought:
    data = text.encode() if isinstance(text, str) else text
    return read_model(data, Asked(name, "", "2026-11-26"), as_computed=as_computed)


def problems(model: PkModel) -> list[str]:
    found: list[str] = []
    check_model(model, found.append)
    return found


def summary(model: PkModel) -> str:
    shape, output = model.structure, model.outputs[0]
    own = [item.name.removeprefix("eta_") for item in model.effects if not item.per_occasion]
    again = [item.name.removeprefix("kappa_") for item in model.effects if item.per_occasion]
    head = f"{shape.compartments} {shape.elimination} {shape.inputs[0].kind} {output.unit} {output.residual.kind}"
    return " ".join([head, *own, *(["+", *again] if again else [])])


def test_a_pkpdsim_model() -> None:
    made = brought(PKPDSIM)
    model = made.model
    assert summary(model) == "1 linear first_order ug/L combined2 CL V + CL"
    assert [(item.name, item.variance) for item in model.effects] == [
        ("eta_CL", "0.09"),
        ("eta_V", "0.04"),
        ("kappa_CL", repr(0.1 * 0.1)),
    ]
    assert [(item.between, item.covariance) for item in model.covariances] == [(["eta_CL", "eta_V"], "0.02")]
    assert model.outputs[0].residual == Residual(kind="combined2", additive="20.0", proportional="0.1")
    assert model.outputs[0].formula == "c * 1000"
    assert model.structure.inputs == [
        Input(routes=["oral"], kind="first_order", ka="ka", bioavailability="F"),
        Input(routes=["intravenous"], kind="bolus"),
    ]
    assert (model.id, model.drug, model.status, model.source) == ("pk-example", "", "provisional", "own-file#model")
    found = values(model, {"WT": 140.0, "AGE": 70.0, "eta_CL": 0.1, "kappa_CL": -0.3})
    assert found["CL"] == pytest.approx(5 * 2**0.75 * 0.8 * np.exp(0.1 - 0.3), rel=1e-14)
    assert (found["V"], found["ka"], found["F"]) == (100.0, 1.5, 0.6)
    assert "compartments that only watch are left out: 3" in made.notes
    assert "The file cites: Nobody et al. 2026." in model.notes
    assert any(note.startswith("iov.bins [0, 24, 9999] are not carried over") for note in made.notes)
    assert any("no units" in note for note in made.notes)


def test_rate_constants_alone_are_enough() -> None:
    """Where the code has no clearance, it is written from the equations."""
    code = '"ode_code": "dAdt[1] = -(K10 + K12)*A[1] + K21*A[2]; dAdt[2] = K12*A[1] - K21*A[2]"'
    rest = (
        '"parameters": {"K10": 0.1, "K12": 0.4, "K21": 0.2, "V": 20}, "omega_matrix": [0.1, 0, 0.1], "fixed": ["V", "K21"],'
        ' "ruv": {"prop": 0.1}, "obs": {"cmt": 1, "scale": "V"}, "dose": {"cmt": 1}'
    )
    model = brought(f"{{ {code}, {rest} }}").model
    found = values(model, {"eta_K10": 0.2})
    expected = {"CL": 2.0 * np.exp(0.2), "V": 20.0, "Q": 8.0, "V2": 40.0}
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-12)


def test_a_tucuxi_model() -> None:
    made = brought(tucuxi(), "one.tdd")
    model = made.model
    assert summary(model) == "1 linear first_order ug/L combined2 CL V"
    assert model.outputs[0].residual == Residual(kind="combined2", additive="50.0", proportional="0.2")
    assert [item.variance for item in model.effects] == [repr(0.3 * 0.3)] * 2
    assert [(item.between, float(item.covariance)) for item in model.covariances] == [
        (["eta_CL", "eta_V"], pytest.approx(0.045))
    ]
    assert [(item.name, item.unit, item.term, item.assumed) for item in model.covariates] == [
        ("bodyweight", "kg", "weight", 75.0)
    ]
    assert [(item.holds, item.says, item.hard) for item in model.boundaries] == [
        ("bodyweight >= 40 and bodyweight <= 120", "outside", False)
    ]
    assert (model.drug, model.id) == ("nothing", "ch.example.one")
    found = values(model, {"bodyweight": 150.0, "eta_CL": 0.2})
    assert found["CL"] == pytest.approx(4 * 2**0.75 * np.exp(0.2), rel=1e-14)
    assert (found["F"], found["ka"], found["V"]) == (0.8, 1.0, 70.0)
    assert "Tucuxi interpolates between two values, here the last one holds: bodyweight" in made.notes


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("exponential", 4 * np.exp(0.1)),
        ("lognormal", 4 * np.exp(0.1)),
        ("proportional", 4 * 1.1),
        ("normal", 4.1),
        ("additive", 4.1),
    ],
)
def test_kinds_of_variability(kind: str, expected: float) -> None:
    text = tucuxi(parameters=parameter("CL", "l/h", "4", kind=kind) + parameter("V", "l", "70"), correlations="")
    assert values(brought(text).model, {"eta_CL": 0.1})["CL"] == pytest.approx(expected, rel=1e-14)


def test_a_share_varies_on_the_logit_scale() -> None:
    absorbed = parameter("Ka", "h-1", "1", "") + parameter("F", "", "0.8", kind="logit")
    found = values(brought(tucuxi(absorbed=absorbed)).model, {"eta_F": 0.5, "bodyweight": 75.0})
    assert found["F"] == pytest.approx(1 / (1 + np.exp(-(np.log(4) + 0.5))), rel=1e-14)


def test_a_constraint_of_the_domain_is_hard_where_it_says_so() -> None:
    constraint = (
        "<constraint><constraintType>hard</constraintType><errorMessage><text lang='en'>too light</text></errorMessage>"
        "<checkOperation><softFormula><code>if (bodyweight &lt; 10) { return false_; } return bodyweight > 10;</code>"
        "</softFormula></checkOperation></constraint>"
    )
    held = constraint.replace("if (bodyweight &lt; 10) { return false_; } ", "")
    boundary = brought(tucuxi(constraints=held)).model.boundaries[0]
    assert (boundary.holds, boundary.says, boundary.hard) == ("bodyweight > 10", "too light", True)
    with pytest.raises(RequestError, match=r"constraint 1: 'false_' has no value"):
        brought(tucuxi(constraints=constraint))


def test_micro_constants_of_tucuxi() -> None:
    text = tucuxi(
        structure="linear.2comp.micro",
        parameters="".join(
            parameter(name, unit, value, "")
            for name, unit, value in (("Ke", "h-1", "0.1"), ("V1", "l", "20"), ("K12", "h-1", "0.4"), ("K21", "h-1", "0.2"))
        ),
        correlations="",
    )
    found = values(brought(text).model, {"bodyweight": 75.0})
    assert [found[name] for name in ("CL", "V", "Q", "V2")] == pytest.approx([2.0, 20.0, 8.0, 40.0], rel=1e-14)


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    for text in (PKPDSIM, tucuxi()):
        model = brought(text).model
        path = tmp_path / f"{model.id}.yaml"
        path.write_bytes(written(model))
        told: list[str] = []
        assert read_yaml(path, PkModel, told.append) == model
        assert told == problems(model) == []


def test_the_command_writes_the_model_and_tells_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "mine.json5", tmp_path / "new" / "pk-example.yaml"
    file.write_text(PKPDSIM)
    assert main(["knowledge", "convert-model", str(file), "--drug", "placebo", "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert told.out == f"written: {out}\n"
    assert "note: the file gives no units" in told.err and "does not name the drug" not in told.err
    content = yaml.safe_load(out.read_text())
    assert (content["drug"], content["status"], content["source"]) == ("placebo", "provisional", "own-file#mine.json5")
    assert content["notes"][0] == "Converted from a user's file of PKPDsim."
    before = out.read_bytes()
    assert main(["knowledge", "convert-model", str(file), "--out", str(out)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (out.read_bytes(), [path.name for path in out.parent.iterdir()]) == (before, [out.name])


def test_the_command_prints_without_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.tdd"
    file.write_text(tucuxi())
    assert main(["knowledge", "convert-model", str(file)]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["id"] == "ch.example.one"
    assert main(["knowledge", "convert-model", str(tmp_path / "absent")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(PKPDSIM_FILES))
def test_every_pkpdsim_file(name: str, reference_data: Path) -> None:
    data = (reference_data / "response" / "models" / "pkpdsim" / f"{name}.json5").read_bytes()
    expected = PKPDSIM_FILES[name]
    if expected[0].isdigit():
        model = brought(data, name).model
        assert (summary(model), problems(model)) == (expected, [])
        return
    with pytest.raises(RequestError, match=f"^{name}: .*{expected}"):
        brought(data, name)


def test_no_pkpdsim_file_is_left_out(reference_data: Path) -> None:
    folder = reference_data / "response" / "models" / "pkpdsim"
    assert {path.stem for path in folder.glob("*.json5")} == set(PKPDSIM_FILES)


def tucuxi_files(folder: Path) -> list[Path]:
    return sorted((folder / "response" / "models" / "tucuxi_virtual").glob("*.tdd"))


def test_every_tucuxi_file_is_read_or_refused_for_its_units(reference_data: Path) -> None:
    """The digits of a name say what it must be; those with Michaelis-Menten elimination have units that cannot be."""
    read, refused = [], []
    for path in tucuxi_files(reference_data):
        number = path.stem[-6:]
        saturable = number[3] in "1234"
        if saturable:
            refused.append(number)
            with pytest.raises(RequestError, match=_TUCUXI_REFUSED):
                brought(path.read_bytes(), path.name)
        made = brought(path.read_bytes(), path.name, as_computed=saturable)
        model = made.model
        assert problems(model) == []
        expected = {"1": "first_order", "2": "bolus", "3": "bolus"}[number[0]]
        assert model.structure.inputs[0].kind == ("transit" if number[1:3] in ("23", "24", "25", "26", "27") else expected)
        assert model.structure.compartments == int(number[1])
        assert (model.structure.elimination == "linear") is not saturable
        assert {"weight", "male"} == {item.term for item in model.covariates} if number[5] == "9" else not model.covariates
        assert bool(model.covariances) == (number[5] == "8")
        read.append(number)
    assert (len(read), len(refused)) == (60, 14)


def test_tucuxi_models_are_those_of_its_nonmem_runs(reference_data: Path) -> None:
    """Typical equations of the runs of the same number in Tucuxi's validation against NONMEM, where levels are A*1000/V."""
    folder = reference_data / "response" / "models" / "tucuxi_virtual"

    def typical(number: str, **given: float) -> tuple[PkModel, dict[str, float]]:
        data = (folder / f"ch.tucuxi.virtualdrug.mod{number}.tdd").read_bytes()
        model = brought(data, as_computed=True).model
        return model, values(model, given)

    amounts = np.array([30.0, 50.0])
    model, found = typical("110300")  # DADT(2) = KA*A(1) - VMAX*A(2)/(KM+A(2)/S2) - K20*A(2), S2 = VC/1000
    level = 50.0 * 1000 / 70
    assert rates(model, found, amounts) == pytest.approx([-30.0, 30.0 - 5 * 50 / (3500 + level) - 2 / 70 * 50], rel=1e-13)
    model, found = typical("110200")  # DADT(2) = KA*A(1) - VMAX*(A(2)/S2)/(KM+(A(2)/S2)), VMAX 10, in the file 10000
    assert rates(model, found, amounts) == pytest.approx([-30.0, 30.0 - 10 * level / (3500 + level)], rel=1e-13)
    model, found = typical("126000")  # five compartments of rate KTR before the central one
    five = rates(model, found, np.array([1.0, 2, 3, 4, 5, 60, 20]))
    out, back = 4 / 70, 4 / 50
    expected = [-5.0, 5 - 10, 10 - 15, 15 - 20, 20 - 25, 25 - 60 * (4 / 70 + out) + 20 * back, 60 * out - 20 * back]
    assert five == pytest.approx(expected, rel=1e-13)
    _, found = typical("120009", bodyweight=90.0, sex=1.0)  # CL = TVCL * (bodyweight/75)**1.5 * 0.75**sex
    assert found["CL"] == pytest.approx(4 * 1.2**1.5 * 0.75, rel=1e-14)


def test_a_chain_of_tucuxi_is_predicted_as_its_nonmem_run_integrates(reference_data: Path) -> None:
    """Levels after 400 mg by mouth through five compartments (run126000), integrated from its typical equations."""
    integrate = pytest.importorskip("scipy.integrate")
    folder = reference_data / "response" / "models" / "tucuxi_virtual"
    model = brought((folder / "ch.tucuxi.virtualdrug.mod126000.tdd").read_bytes()).model
    hours = np.array([0.5, 1.0, 3.0, 12.0, 48.0])

    def gained(_: float, a: np.ndarray) -> list[float]:
        chain = [-5 * a[0], *(5 * a[index] - 5 * a[index + 1] for index in range(4))]
        central = 5 * a[4] - 4 / 70 * a[5] - 4 / 70 * a[5] + 4 / 50 * a[6]
        return [*chain, central, 4 / 70 * a[5] - 4 / 50 * a[6]]

    start = [400.0] + [0.0] * 6
    solved = integrate.solve_ivp(gained, (0, 48), start, t_eval=hours, method="LSODA", rtol=1e-11, atol=1e-11)
    prepared = prepare(model)
    arrays = course(model, [History((Dose(0.0, 400.0),))])
    etas = np.zeros((1, 1, prepared.size))
    found = predict(prepared, arrays, etas, hours[None, :], np.zeros((1, 5), dtype=int)).value[0, 0]
    np.testing.assert_allclose(found, solved.y[5] / 70 * 1000, rtol=1e-7)
