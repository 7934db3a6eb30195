"""Makes terms/drugs.tsv, drugs_newer.tsv and drugs_combinations.tsv from public tables of names and codes.

    tools/make_drug_terms.py --reference DATA --unii UNII_Names.txt --atc atc_only-utf8.csv [--check]

DATA is the reference data (terms/drug_terms, terms/ddi, pgx/pypgx_tables), UNII_Names.txt the names file of FDA's Unique
Ingredient Identifiers, atc_only-utf8.csv the ATC index in GNUmed server 22.19. An RxCUI is kept when two independent tables
give it for the same name and no other table that knows RxNorm contradicts. tools/drug_terms/atc_2026.tsv holds what was
read in the ATC index of 2026: codes newer than the list, and codes that are gone (those without a name).
Rows made by hand are in the other files terms/drugs*.tsv and are left alone; a name there is not given away here.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import yaml
from drug_tables import BRAND, HERE, NAME, Unii, agreed_codes, atc_codes, bare, base_of, stated_codes, table

DATA = Path("src/nof1/knowledge/data")
TERMS = DATA / "terms"
MADE = ("drugs", "drugs_newer", "drugs_combinations")
CHECKED = "2026-11-25"
COLUMNS = ["name", "rxnorm", "atc", "also_named", "ingredients", "source", "status", "checked"]
JUNK = re.compile(
    r"allergenic|extract|pollen|creosote|medium-chain"
    r"|^(helium|nitrogen|water|lactate|citrate|carbon dioxide|silver|gold|air)$"
)
WATERED = re.compile(r"(?<! )hydrate$|anhydrous$")
CPIC = "terms/drug_terms/cpic_drugs_2020.tsv"
SOURCES = {
    "ndfrt": "rxnorm-ndfrt-2014",
    "unii": "rxnorm-unii-2014",
    "worldvista": "ansm-worldvista-2016",
    "ansm": "ansm-rxnorm-2020",
    "cpic": "rxnorm-pypgx-0.27",
}
NOT_NAMES = set((HERE / "not_drug_names.txt").read_text(encoding="utf-8").split("\n")) - {""}


def main() -> None:
    """Writes the tables, or says which differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("reference", "unii", "atc"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    made = make(options.reference, options.unii, options.atc)
    changed = [path for path, text in made.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    if options.check:
        sys.exit(f"differ from their sources: {', '.join(map(str, changed))}" if changed else 0)
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")


def make(reference: Path, unii_path: Path, atc_path: Path) -> dict[Path, str]:
    """The text of every table by its path."""
    unii = Unii(unii_path)
    listed, newer = atc_codes(atc_path, [(row["atc"], row["name"]) for row in table(HERE / "atc_2026.tsv")])
    more = {row["also"]: row["name"] for row in table(HERE / "more_names.tsv")}
    kept, reserved = drug_files(), by_hand()
    drugs = substances(agreed_codes(stated_codes(reference)), unii, listed, newer, more)
    for name in kept:
        drugs.setdefault(name, Drug(name, "", {}, {unii.by_name.get(name, "")} - {""}))
    drugs = {name: drug for name, drug in sorted(drugs.items()) if name not in reserved and name not in more}
    owner = owners(drugs, unii, reserved) | more
    places = {row["name"].lower(): row["pharmgkbid"] for row in table(reference / CPIC)}
    rows: list[list[str]] = []
    later: list[list[str]] = []
    for drug in drugs.values():
        names = {drug.name, *(also for also, name in owner.items() if name == drug.name)}
        recent = set().union(*(newer.get(also, set()) for also in names))
        codes = recent.union(*(listed.get(also, set()) for also in names))
        rxnorm, stated, source = kept.get(drug.name, (drug.rxnorm, [], ""))
        line = [drug.name, rxnorm, "|".join(sorted(codes.union(stated))), "|".join(sorted(names - {drug.name})), ""]
        source = source or (drug.source(places) if rxnorm else f"who-atc-2026#{min(recent or codes)}")
        (rows if rxnorm else later).append([*line, source, "provisional", CHECKED])
    products = combinations(unii, drugs, owner, reserved, newer)
    return {TERMS / f"{name}.tsv": written(part) for name, part in zip(MADE, (rows, later, products), strict=True)}


@dataclass
class Drug:
    """A substance: its name, its RxCUI, the names and tables that agree on it, its identifiers."""

    name: str
    rxnorm: str
    names: dict[str, set[str]]
    uniis: set[str]

    def source(self, places: dict[str, str]) -> str:
        """The table that is cited for the code: the first of those that agree."""
        tables = set().union(*self.names.values())
        if "cpic" in tables and places.get(self.name):
            return f"rxnorm-cpic-2020#{places[self.name]}"
        first = next(name for name in ("ndfrt", "unii", "worldvista", "ansm", "cpic") if name in tables)
        return f"{SOURCES[first]}#{self.rxnorm}"


def substances(
    agreed: dict[str, dict[str, set[str]]],
    unii: Unii,
    listed: dict[str, set[str]],
    newer: dict[str, set[str]],
    more: dict[str, str],
) -> dict[str, Drug]:
    """Every substance by its name: those with an agreed RxCUI that are medicines, and those of the newer index."""
    found: dict[str, Drug] = {}
    wanted = {bare(unii.shown[code]) for code in unii.medicines} | listed.keys() | newer.keys() | set(more.values())
    for rxnorm, names in sorted(agreed.items(), key=lambda item: int(item[0])):
        uniis = {unii.by_name[name] for name in names if name in unii.by_name}
        if not (uniis & unii.medicines or names.keys() & wanted):
            continue
        drug = Drug(called(names, uniis, unii, newer), rxnorm, names, uniis)
        rival = found.get(drug.name)
        if drug.name and (rival is None or _weight(drug) > _weight(rival)):
            found[drug.name] = drug
    for name in (name for name in newer if "/" not in name):
        code = unii.by_name.get(name, "")
        found.setdefault(name, Drug(name, "", {}, {code} - {""}))
    for drug in found.values():
        drug.uniis.update({unii.by_name.get(f"{drug.name} anhydrous", "")} - {""})
    for also, name in more.items():
        if also in found and name in found:
            found[name].uniis.update(found[also].uniis)
    bases = found.keys() - more.keys()
    return {name: drug for name, drug in found.items() if not base_of(name, bases) and not JUNK.search(name)}


def _weight(drug: Drug) -> tuple[bool, int]:
    return drug.name in drug.names, sum(len(tables) for tables in drug.names.values())


def called(names: dict[str, set[str]], uniis: set[str], unii: Unii, newer: dict[str, set[str]]) -> str:
    """The name a substance goes by: as in CPIC's tables, else FDA's preferred name, else the shortest."""
    choices = [
        [name for name in names if name in newer],
        [name for name, tables in names.items() if "cpic" in tables],
        [unii.shown[code] for code in sorted(uniis) if unii.shown[code] in names],
        [unii.shown[code] for code in sorted(uniis)],
        list(names),
    ]
    for choice in choices:
        if fit := [name for name in choice if NAME.fullmatch(name) and not WATERED.search(name)]:
            return min(fit, key=lambda name: (len(name), name))
    return ""


def owners(drugs: dict[str, Drug], unii: Unii, reserved: set[str]) -> dict[str, str]:
    """Other name -> the one drug it stands for: official names first, then brands; what two drugs claim is left out."""
    claims: dict[str, set[str]] = defaultdict(set)
    brands: dict[str, set[str]] = defaultdict(set)
    salts = defaultdict(set)
    for code, shown in unii.shown.items():
        if base := base_of(shown, drugs):
            salts[base].add(code)
    for drug in drugs.values():
        official = set().union(*(unii.official[code] for code in drug.uniis), drug.names)
        for name in official:
            if NAME.fullmatch(name) and len(name) > 3 and not name.startswith(f"{drug.name} "):
                claims[name].add(drug.name)
        for code in drug.uniis | salts[drug.name]:
            for brand in unii.brands[code]:
                brands[brand].add(drug.name)
    taken = drugs.keys() | reserved
    found = {name: min(holders) for name, holders in claims.items() if len(holders) == 1 and name not in taken}
    found = {name: drug for name, drug in found.items() if base_of(name, {drug}) != drug and name not in NOT_NAMES}
    for brand, holders in brands.items():
        if len(holders) == 1 and brand not in taken | claims.keys() | NOT_NAMES and brand not in unii.parts:
            found[brand] = min(holders)
    return found


def combinations(
    unii: Unii, drugs: dict[str, Drug], owner: dict[str, str], reserved: set[str], newer: dict[str, set[str]]
) -> list[list[str]]:
    """Rows of products with several ingredients, all of which are known, with their brand names."""
    of_code = {code: drug.name for drug in drugs.values() for code in drug.uniis if len(drug.uniis) == 1}
    named: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for product, codes in unii.parts.items():
        holds = {_known(unii.shown[code], drugs, owner) or of_code.get(code, "") for code in codes}
        if 1 < len(holds) < 5 and "" not in holds and BRAND.fullmatch(product):
            named[tuple(sorted(holds))].add(product)
    taken = drugs.keys() | owner.keys() | reserved | NOT_NAMES
    for also, name in owner.items():
        if "/" in name:
            named[tuple(name.split("/"))].add(also)
    taken -= {also for also, name in owner.items() if "/" in name}
    rows = []
    for holds, brands in sorted(named.items()):
        name, kept = "/".join(holds), sorted(brands - taken)
        if kept and name not in reserved:
            atc = "|".join(sorted(newer.get(name, ())))
            rows.append([name, "", atc, "|".join(kept), "|".join(holds), f"fda-unii-2025#{kept[0]}", "provisional", CHECKED])
    return rows


def _known(name: str, drugs: dict[str, Drug], owner: dict[str, str]) -> str:
    if name in drugs:
        return name
    base = base_of(name, drugs.keys() | owner.keys())
    return owner.get(name) or owner.get(base, base)


def drug_files() -> dict[str, tuple[str, list[str], str]]:
    """RxCUI, ATC codes and the source of both that the files of drugs/ state, which hold here too."""
    found = {}
    for path in sorted((DATA / "drugs").glob("*.yaml")):
        file = yaml.safe_load(path.read_text(encoding="utf-8"))
        rxnorm, codes = file.get("rxnorm") or {}, file.get("atc", [])
        sources = [code["source"] for code in (rxnorm, *codes) if code]
        source = sources[0] if sources else f"rxnorm-pypgx-0.27#{file['drug']}"
        found[file["drug"]] = (rxnorm.get("value", ""), [code["value"] for code in codes], source)
    return found


def by_hand() -> set[str]:
    """Every name that the rows made by hand use."""
    paths = [path for path in sorted(TERMS.glob("drugs*.tsv")) if path.stem not in MADE]
    rows = [row for path in paths for row in table(path)]
    return {name for row in rows for name in (row["name"], *row["also_named"].split("|")) if name}


def written(rows: list[list[str]]) -> str:
    return "".join("\t".join(row) + "\n" for row in [COLUMNS, *rows])


if __name__ == "__main__":
    main()
