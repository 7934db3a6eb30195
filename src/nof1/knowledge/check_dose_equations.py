"""What must hold in equations that give a dose, beyond their shape; every breach is one line with its remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nof1.errors import UnitError
from nof1.knowledge.care import Care
from nof1.knowledge.check_genes import check_date, check_source
from nof1.knowledge.check_rules import check_id, check_name, check_names_of, nearest
from nof1.knowledge.dose_equations import Band, DoseEquation, EquationInput, Imputation, Performance, asked
from nof1.knowledge.lookup import phenotypes
from nof1.knowledge.schema import Gene, Source
from nof1.knowledge.tables import Problem
from nof1.units.convert import convert

_PERSON = frozenset({"age", "female", "male"})


def check(
    equations: Mapping[str, DoseEquation], sources: dict[str, Source], care: Care, genes: dict[str, Gene], problem: Problem
) -> None:
    """Tell every breach in ``equations``."""
    for equation in equations.values():
        check_equation(equation, problem)
        place = f"dose_equations/{equation.id}"
        check_date(equation.checked, place, problem)
        for text in _references(equation):
            check_source(text, sources, place, problem)
        _check_known(equation, care, genes, place, problem)
        for refusal in equation.refusals:
            for name in refusal.offers:
                if name not in equations or name == equation.id:
                    problem(f"{place} refusal {refusal.id}: offers {name!r}; name another equation of dose_equations/")


def check_equation(equation: DoseEquation, problem: Problem) -> None:
    """Tell what makes ``equation`` unusable by itself: names, formulas, units, an interval that is missing."""
    place = f"dose_equations/{equation.id}"
    check_id(equation.id, place, problem)
    names = [
        item.name for group in (equation.inputs, equation.markers, equation.numbers, equation.computed) for item in group
    ]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problem(f"{place}: name {name!r} is given twice; formulas could not tell which is meant")
    for unit in _units(equation):
        _check_unit(unit, place, problem)
    for item in equation.inputs:
        _check_input(item, f"{place} input {item.name}", problem)
    for imputation in equation.imputations:
        _check_imputation(equation, imputation, place, problem)
    _check_formulas(equation, place, problem)
    for band in equation.bands:
        _check_band(band, place, problem)
    for row in equation.performance:
        _check_performance(row, place, problem)
    if not any(not band.when for band in equation.bands):
        problem(f"{place}: no band holds for everybody; a dose is never shown without an interval")


def _check_formulas(equation: DoseEquation, place: str, problem: Problem) -> None:
    inputs = {name for item in equation.inputs for name in asked(item)}
    unknowns = {f"{item.name}_unknown" for item in equation.inputs}
    numbers = {number.name for number in equation.numbers}
    known = inputs | numbers
    used: set[str] = set()
    for quantity in equation.computed:
        used |= check_names_of(quantity.formula, known, f"{place} computed {quantity.name}", problem)
        known.add(quantity.name)
    used |= check_names_of(equation.formula, known, place, problem)
    for bound in equation.domain:
        used |= check_names_of(bound.holds, known, f"{place} domain", problem)
    for row in (row for item in equation.imputations for row in item.rows if row.when):
        check_names_of(row.when, inputs | unknowns, f"{place} imputation", problem)
    for refusal in equation.refusals:
        used |= check_names_of(refusal.when, known | unknowns, f"{place} refusal {refusal.id}", problem)
    measured = [(part.title, part.when) for part in equation.bands] + [
        (part.title, part.when) for part in equation.performance
    ]
    for title, when in measured:
        if when:
            check_names_of(when, known | unknowns, f"{place} {title}", problem)
    for name in sorted(numbers - used):
        problem(f"{place}: number {name!r} is in no formula; write it into one or remove it")


def _units(equation: DoseEquation) -> Iterator[str]:
    yield equation.unit
    yield from (item.unit for item in equation.inputs)
    yield from (item.unit for item in equation.numbers)
    yield from (item.unit for item in equation.computed)


def _check_unit(unit: str, place: str, problem: Problem) -> None:
    try:
        convert(1.0, unit, unit)
    except UnitError as error:
        problem(f"{place}: unit {unit!r} ({error}); write a UCUM unit, 1 for none")


def _check_input(item: EquationInput, place: str, problem: Problem) -> None:
    check_name(item.name, place, problem)
    if (item.kind == "choice") != bool(item.choices):
        problem(f"{place}: kind {item.kind} with {len(item.choices)} choices; a choice has some, others none")
    codes = [choice.code for choice in item.choices]
    if len(set(codes)) < len(codes) or "unknown" in codes:
        problem(f"{place}: codes {codes}; write each once, and not unknown")
    if sum(choice.otherwise for choice in item.choices) > 1:
        problem(f"{place}: otherwise is said of more than one choice; one takes what none of the others names")
    if (item.unknown == "assume") != (item.assumed is not None) or (item.assumed is not None and not item.assumed_source):
        problem(f"{place}: unknown {item.unknown}, assumed {item.assumed}; assume needs assumed and assumed_source")
    if item.unknown == "assume" and item.kind == "choice":
        problem(f"{place}: a choice cannot be assumed; write unknown: own or refuse")
    for pair in (item.plausible, item.studied):
        if pair and not (len(pair) == 2 and pair[0] < pair[1]):
            problem(f"{place}: range {pair}; write [low, high]")
    if item.kind == "number" and not item.plausible:
        problem(f"{place}: a number needs plausible [low, high]; without it a slip of the unit would give a dose")


def _check_imputation(equation: DoseEquation, imputation: Imputation, place: str, problem: Problem) -> None:
    place = f"{place} imputation of {imputation.input}"
    codes = {choice.code for item in equation.inputs if item.name == imputation.input for choice in item.choices}
    markers = {marker.name: marker for marker in equation.markers}
    if not codes:
        problem(f"{place}: is no choice of inputs; name one")
    for row in imputation.rows:
        if (marker := markers.get(row.marker)) is None:
            problem(f"{place}: {row.marker!r} is not in markers; {nearest(row.marker, markers)}add it")
            continue
        for genotype, code in row.genotypes.items():
            if code not in codes or not set(genotype.split("/")) <= set(marker.letters) or genotype.count("/") != 1:
                problem(f"{place}: {row.marker} {genotype}: {code}; write letters of the marker X/Y and a code of the input")


def _check_band(band: Band, place: str, problem: Problem) -> None:
    if not (0 < band.level < 1 and band.half_width > 0 and band.n > 0):
        problem(
            f"{place} band {band.title}: level {band.level}, half_width {band.half_width}, n {band.n}; write 0 to 1, above 0"
        )


def _check_performance(row: Performance, place: str, problem: Problem) -> None:
    for value, pair in ((row.mae, row.mae_95), (row.within_20, row.within_20_95), (row.bias, row.bias_95)):
        if not (len(pair) == 2 and pair[0] <= value <= pair[1]):
            problem(f"{place} performance {row.title}: {value} with the interval {pair}; write [low, high] around the value")
    for pair in (row.predicted, row.needed):
        if pair and not (len(pair) == 2 and pair[0] < pair[1]):
            problem(f"{place} performance {row.title}: range {pair}; write [from, below]")


def _references(equation: DoseEquation) -> Iterator[str]:
    """Every reference within an equation; a number or quantity without its own stands in the equation's source."""
    yield equation.source
    groups = (equation.domain, equation.refusals, equation.bands, equation.performance, equation.imputations)
    yield from (item.source for group in groups for item in group)
    optional = [item.source for group in (equation.numbers, equation.computed, equation.inputs) for item in group]
    optional += [text for item in equation.inputs for text in (item.assumed_source, item.studied_source)]
    yield from (text for text in optional if text)


def _check_known(equation: DoseEquation, care: Care, genes: dict[str, Gene], place: str, problem: Problem) -> None:
    facts = _PERSON | set(care.measurements) | set(care.conditions)
    facts |= {item.gives for item in care.policy.equations} if care.policy else set()
    if care.drugs and equation.drug not in care.drugs:
        problem(f"{place}: {equation.drug!r} is no drug of terms/drugs; add it there")
    for marker in equation.markers:
        if marker.gene not in genes:
            problem(f"{place} marker {marker.name}: gene {marker.gene!r} is not in genes/; add it or correct the symbol")
    for item in equation.inputs:
        where = f"{place} input {item.name}"
        if item.term and item.term not in facts:
            problem(f"{where}: term {item.term!r} is no known fact; {nearest(item.term, facts)}nof1 knowledge list facts")
        for name in item.drugs:
            if name not in care.drugs:
                problem(f"{where}: {name!r} is no drug of terms/drugs; add it there")
        for name in item.classes:
            if name not in care.classes:
                problem(f"{where}: {name!r} is no class of terms/; add it there")
        if item.gene:
            _check_gene(item, genes, where, problem)


def _check_gene(item: EquationInput, genes: dict[str, Gene], place: str, problem: Problem) -> None:
    gene = genes.get(item.gene)
    if gene is None:
        problem(f"{place}: gene {item.gene!r} is not in genes/; add it or correct the symbol")
        return
    alleles = {allele.name for allele in gene.alleles}
    for name in item.alleles_called:
        if name not in alleles:
            problem(f"{place}: allele {name!r} is none of {item.gene}; {nearest(name, alleles)}correct it")
    words = phenotypes(gene)
    for word in (word for choice in item.choices for word in choice.phenotypes):
        if word not in words:
            problem(f"{place}: phenotype {word!r} is none of {item.gene}; {nearest(word, words)}correct it")
