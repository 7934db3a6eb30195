"""What must hold in population models and dosing files beyond their shape; every breach is one line with its remedy."""

from __future__ import annotations

from collections.abc import Iterator

from nof1.errors import UnitError
from nof1.knowledge.care import Care
from nof1.knowledge.check_genes import check_date, check_source
from nof1.knowledge.check_rules import check_id, check_names_of, nearest
from nof1.knowledge.dosing import MIC_UNIT, Ceiling, DosingFile, Regimens, Target
from nof1.knowledge.kinetics import Covariate, Input, Output, PkModel, Structure
from nof1.knowledge.schema import Gene, Kinetics, Source
from nof1.knowledge.tables import Problem
from nof1.units.convert import convert

_PERSON = frozenset({"age", "female", "male"})
_NEEDED = {
    "bolus": (),
    "zero_order": ("duration",),
    "first_order": ("ka",),
    "transit": ("ktr",),
    "zero_first": ("ka", "duration"),
}


def check(kinetics: Kinetics, sources: dict[str, Source], care: Care, genes: dict[str, Gene], problem: Problem) -> None:
    """Tell every breach in ``kinetics``."""
    for model in kinetics.models.values():
        check_model(model, problem)
        _check_cited(model, sources, problem)
        _check_terms(model, care, genes, problem)
    for file in kinetics.dosing.values():
        _check_dosing(file, sources, problem)
        _check_conditions(file, care, problem)
        _check_measures(file, [model for model in kinetics.models.values() if model.drug == file.drug], problem)


def check_model(model: PkModel, problem: Problem) -> None:
    """Tell what makes ``model`` unusable by itself: names, formulas, units. Used for models of a user's own as well."""
    place = f"pk_models/{model.id}"
    check_id(model.id, place, problem)
    _check_names(model, place, problem)
    for unit in _units(model):
        _check_unit(unit, place, problem)
    known = {number.name for number in model.numbers}
    for effect in model.effects:
        check_names_of(effect.variance, known, f"{place} effect {effect.name}", problem)
    effects = {effect.name for effect in model.effects}
    for item in model.covariances:
        check_names_of(item.covariance, known, f"{place} covariance", problem)
        if len(item.between) != 2 or not set(item.between) <= effects:
            problem(f"{place}: covariance between {item.between}; name two of effects")
    known |= {covariate.name for covariate in model.covariates} | {"time"}
    for quantity in model.computed:
        check_names_of(quantity.formula, known, f"{place} computed {quantity.name}", problem)
        known.add(quantity.name)
    for boundary in model.boundaries:
        check_names_of(boundary.holds, known, f"{place} boundary", problem)
    used: set[str] = set()
    known |= effects
    for parameter in model.parameters:
        used |= check_names_of(parameter.formula, known, f"{place} parameter {parameter.name}", problem)
        known.add(parameter.name)
    for name in sorted(effects - used):
        problem(f"{place}: effect {name!r} is in no parameter; write it into a formula or remove it")
    _check_structure(model.structure, {item.name for item in model.parameters}, place, problem)
    states = {state.name for state in model.structure.states}
    for moment in model.structure.moments:
        check_names_of(moment.formula, (known - effects) | {"c"}, f"{place} moment {moment.name}", problem)
        known.add(moment.name)
    for state in model.structure.states:
        check_names_of(state.start, known - effects, f"{place} state {state.name}", problem)
        check_names_of(state.rate, (known - effects) | states | {"c"}, f"{place} state {state.name}", problem)
    for output in model.outputs:
        _check_output(output, (known - effects) | states | {"c", "cm"}, known, place, problem)


def _check_names(model: PkModel, place: str, problem: Problem) -> None:
    inner = (model.structure.states, model.structure.moments)
    groups = (model.numbers, model.covariates, model.computed, model.parameters, model.effects, *inner)
    names = [item.name for group in groups for item in group]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problem(f"{place}: name {name!r} is given twice; formulas could not tell which is meant")
    for name in names:
        if not name.isidentifier() or name in ("c", "cm", "time"):
            problem(f"{place}: name {name!r}; write letters, digits and _, a letter first, and not c, cm or time")
    if not model.outputs:
        problem(f"{place}: outputs is empty; say what is measured")


def _units(model: PkModel) -> Iterator[str]:
    yield model.dose_unit
    for group in (model.numbers, model.covariates, model.computed, model.parameters, model.outputs):
        yield from (item.unit for item in group)


def _check_unit(unit: str, place: str, problem: Problem) -> None:
    try:
        convert(1.0, unit, unit)
    except UnitError as error:
        problem(f"{place}: unit {unit!r} ({error}); write a UCUM unit, 1 for none")


def _check_structure(structure: Structure, parameters: set[str], place: str, problem: Problem) -> None:
    needed = {
        "V",
        *(("Q", "V2") if structure.compartments > 1 else ()),
        *(("Q3", "V3") if structure.compartments > 2 else ()),
    }
    if structure.elimination != "michaelis_menten":
        needed.add("CL")
    if structure.elimination != "linear":
        needed |= {"Vmax", "Km"}
    if structure.metabolite:
        needed |= {"CLm", "Vm", "fm"}
    for entry in structure.inputs:
        needed |= _input_needs(entry, place, problem)
    for name in sorted(needed - parameters):
        problem(f"{place}: the structure needs a parameter {name!r}; add it to parameters")
    if not structure.inputs:
        problem(f"{place}: inputs is empty; say how a dose enters")


def _input_needs(entry: Input, place: str, problem: Problem) -> set[str]:
    for name in _NEEDED[entry.kind]:
        if not getattr(entry, name):
            problem(f"{place}: an input of kind {entry.kind} needs {name}; name the parameter")
    if entry.kind == "transit" and entry.transits < 1:
        problem(f"{place}: an input of kind transit needs transits, a number of compartments")
    names = (entry.ka, entry.ktr, entry.duration, entry.bioavailability, entry.fraction, entry.lag)
    return {name for name in names if name}


def _check_output(output: Output, known: set[str], everything: set[str], place: str, problem: Problem) -> None:
    place = f"{place} output {output.name}"
    check_names_of(output.formula, known, place, problem)
    residual = output.residual
    needs = {
        "additive": (residual.additive,),
        "proportional": (residual.proportional,),
        "lognormal": (residual.proportional,),
    }.get(residual.kind, (residual.additive, residual.proportional))
    if not all(needs):
        problem(f"{place}: residual {residual.kind} lacks a formula of its standard deviation")
    for text in (residual.additive, residual.proportional):
        if text:
            check_names_of(text, everything, place, problem)


def _check_cited(model: PkModel, sources: dict[str, Source], problem: Problem) -> None:
    place = f"pk_models/{model.id}"
    check_source(model.source, sources, place, problem)
    check_date(model.checked, place, problem)
    for text in _references(model):
        if text:
            check_source(text, sources, place, problem)


def _references(model: PkModel) -> Iterator[str]:
    """Every reference within a model; empty where the model's own holds."""
    yield from (item.source for item in model.numbers)
    yield from (item.source for item in model.computed)
    yield from (item.source for item in model.parameters)
    yield from (item.source for item in model.effects)
    yield from (item.source for item in model.covariances)
    yield from (item.source for item in model.boundaries)
    yield from (item.source for item in model.published)
    yield from (item.residual.source for item in model.outputs)
    for item in model.covariates:
        yield from (item.assumed_source, item.range_source)
        yield from (share.source for share in (item.gene.shares if item.gene else ()))
    yield model.validation.external_source


def _check_terms(model: PkModel, care: Care, genes: dict[str, Gene], problem: Problem) -> None:
    place = f"pk_models/{model.id}"
    facts = _PERSON | set(care.measurements) | set(care.conditions)
    facts |= {equation.gives for equation in care.policy.equations} if care.policy else set()
    if care.drugs and model.drug not in care.drugs:
        problem(f"{place}: {model.drug!r} is no drug of terms/drugs; add it there")
    for covariate in model.covariates:
        _check_covariate(covariate, facts, care, genes, place, problem)
    for output in model.outputs:
        if output.term and output.term not in care.measurements:
            problem(f"{place}: output term {output.term!r} is no measurement of terms/; add it there")
    for name in model.refused_if:
        if name not in care.conditions:
            problem(f"{place}: refused_if {name!r} is no condition of terms/; add it there")


def _check_covariate(
    item: Covariate, facts: frozenset[str], care: Care, genes: dict[str, Gene], place: str, problem: Problem
) -> None:
    place = f"{place} covariate {item.name}"
    if item.term and item.term not in facts:
        problem(f"{place}: term {item.term!r} is no known fact; {nearest(item.term, facts)}nof1 knowledge list facts")
    for name in item.drugs:
        if name not in care.drugs:
            problem(f"{place}: {name!r} is no drug of terms/drugs; add it there")
    for name in item.classes:
        if name not in care.classes:
            problem(f"{place}: {name!r} is no class of terms/; add it there")
    if item.gene and item.gene.gene not in genes:
        problem(f"{place}: gene {item.gene.gene!r} is not in genes/; add it or correct the symbol")
    for pair in (item.hard, item.soft):
        if pair and not (len(pair) == 2 and pair[0] <= pair[1]):
            problem(f"{place}: range {pair}; write [low, high]")
    if item.assumed is not None and not item.assumed_source:
        problem(f"{place}: assumed {item.assumed} without assumed_source; say who assumes it")


def _check_measures(file: DosingFile, models: list[PkModel], problem: Problem) -> None:
    """Doses, targets and models of one drug must speak of the same things."""
    place = f"dosing/{file.drug}"
    for model in models:
        if (model.dose_unit, model.outputs[0].unit) != (models[0].dose_unit, models[0].outputs[0].unit):
            problem(f"pk_models/{model.id}: doses or levels are in other units than in {models[0].id}; write both alike")
    if not models:
        problem(f"{place}: no model of the drug is in pk_models/; add one, or remove the file")
        return
    amounts = [*(row.unit for row in file.regimens), *(row.unit for row in file.ceilings)]
    for unit in amounts:
        _check_becomes(unit, models[0].dose_unit, f"{place}: a dose or ceiling", problem)
    for target in file.targets:
        level = next((item.unit for item in models[0].outputs if item.name == target.output), models[0].outputs[0].unit)
        wanted = {"auc24": f"{level}.h", "time_above": "1"}.get(target.measure, level)
        is_ratio = target.per_mic and target.measure != "time_above"
        unit = f"{target.unit}.{MIC_UNIT}" if is_ratio else target.unit
        _check_becomes(unit, wanted, f"{place}: target {target.id}", problem)


def _check_becomes(unit: str, wanted: str, place: str, problem: Problem) -> None:
    try:
        convert(1.0, unit, wanted)
    except UnitError as error:
        problem(f"{place} is in {unit!r} ({error}); write a unit that becomes {wanted!r}, without /kg or time")


def _check_conditions(file: DosingFile, care: Care, problem: Problem) -> None:
    """What conditions ask must be facts that somebody can tell."""
    place = f"dosing/{file.drug}"
    facts = _PERSON | set(care.measurements) | set(care.conditions)
    facts |= {equation.gives for equation in care.policy.equations} if care.policy else set()
    rows: list[Regimens | Ceiling | Target] = [*file.regimens, *file.ceilings, *file.targets]
    for text in [*(row.when for row in rows), *(target.only for target in file.targets)]:
        if text:
            check_names_of(text, facts, f"{place}: condition", problem)
    for name in [name for target in file.targets for name in target.beside]:
        if care.drugs and name not in care.drugs:
            problem(f"{place}: beside {name!r} is no drug of terms/drugs; add it there")


def _check_dosing(file: DosingFile, sources: dict[str, Source], problem: Problem) -> None:
    place = f"dosing/{file.drug}"
    rows: list[Regimens | Ceiling | Target] = [*file.regimens, *file.ceilings, *file.targets]
    for row in rows:
        check_source(row.source, sources, place, problem)
        check_date(row.checked, place, problem)
        _check_unit(row.unit, place, problem)
        if isinstance(row, Regimens | Ceiling) and "/kg" in row.unit:
            problem(f"{place}: unit {row.unit!r}; write {row.unit.replace('/kg', '')!r} and per_kg: true")
    for fresh in file.fresh:
        check_source(fresh.source, sources, place, problem)
    for regimen in file.regimens:
        stepped = None not in (regimen.step, regimen.least, regimen.most)
        if bool(regimen.doses) == stepped:
            problem(f"{place}: regimen of {regimen.route}; write doses, or step, least and most")
        if regimen.round_source:
            check_source(regimen.round_source, sources, place, problem)
        if regimen.per_kg and not (regimen.round_to and regimen.round_source):
            problem(f"{place}: doses per kg on {regimen.route}; write round_to, what can be measured out, and round_source")
        if not any(ceiling.route in ("", regimen.route) for ceiling in file.ceilings):
            problem(f"{place}: {regimen.route} has no ceiling; a search may not propose what nothing limits")
    for target in file.targets:
        if target.low is None and target.high is None:
            problem(f"{place}: target {target.id} has neither low nor high")
    if sum(target.first for target in file.targets) > 1:
        problem(f"{place}: first is said of more than one target; one is used where nobody chooses")
