"""``nof1 knowledge``: what is believed, from where, and whether the files are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nof1.cli.knowledge_add import add
from nof1.cli.knowledge_convert import convert_model
from nof1.cli.knowledge_show import show
from nof1.cli.options import FILE
from nof1.errors import NotInKnowledge, RequestError

if TYPE_CHECKING:
    from nof1.jobs.differing import Changed
    from nof1.knowledge.schema import Knowledge

_RARE = 0.001


@click.group("knowledge")
def command() -> None:
    """Check, list and show the knowledge: genes, drugs and their sources."""


command.add_command(add)
command.add_command(convert_model)
command.add_command(show)


@command.command("check")
@click.argument("folders", nargs=-1, type=FILE, metavar="[FOLDER...]")
def check(folders: tuple[Path, ...]) -> None:
    """Load every file, tell all problems at once, and print the edition.

    FOLDER adds a pack of your own on top of the shipped files.
    """
    from nof1.knowledge.edition import SHIPPED, holds_any, packs
    from nof1.knowledge.load import load

    if missing := [folder for folder in folders if not folder.is_dir()]:
        raise RequestError(f"{str(missing[0])!r} is no folder; name a folder of knowledge files")
    known = load((SHIPPED, *packs(), *folders))
    if empty := [folder for folder in folders if not holds_any(folder)]:
        raise RequestError(
            f"{str(empty[0])!r} holds no knowledge file; see docs/reference/knowledge.md for where files stand"
        )
    edition = known.edition
    counted = ", ".join(_counted(known))
    click.echo(f"edition {edition.digest} of {edition.date}: {edition.files} files, {counted}: no problems")


def _counted(known: Knowledge) -> Iterator[str]:
    """How much there is of everything."""
    care = known.care
    rows = sum(len(gene.positions) + len(gene.alleles) for gene in known.genes.values())
    yield f"{len(known.genes)} genes ({rows} rows)"
    files = [*known.drugs.values(), *(file for files in known.guidelines.values() for file in files)]
    rules = sum(len(file.rules) for file in files)
    yield f"{len(files)} guidelines on {len({file.drug for file in files})} drugs ({rules} rules)"
    yield f"terms for {len(care.drugs)} drugs, {len(care.classes)} classes, {len(care.measurements)} measurements"
    yield f"{len(care.conditions)} conditions"
    yield f"{sum(len(file.limits) for file in care.limits)} limits"
    models = known.kinetics.models.values()
    yield f"{len(models)} models of levels of {len({item.drug for item in models})} drugs"
    yield f"{len(care.interactions)} interactions"
    yield f"{len(known.sources)} sources"


@command.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--people", type=FILE, help="A folder with a folder for each person: genome files, a record.")
@click.option(
    "--vcf", type=FILE, multiple=True, metavar="GENOME", help="Genome files whose people may be touched. For tables."
)
@click.option("--build", default="", help="Build of tables of several, or of genome files that do not say.")
@click.option("--tables", "folder", type=FILE, help="Folder of compiled tables, instead of the user's own.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(
    old: str, new: str, people: Path | None, vcf: tuple[Path, ...], build: str, folder: Path | None, as_json: bool
) -> None:
    """Tell whose advice changes between the knowledge folders OLD and NEW, and how.

    A folder without certainty.yaml is a pack, laid over the shipped files. Where OLD and NEW are tables (KIND@EDITION, or
    compiled files), tell which alleles are classified otherwise, and who in the --vcf files carries them.
    """
    if people is None:
        _diff_tables(old, new, vcf, build, folder, as_json=as_json)
    else:
        _diff_folders(Path(old), Path(new), people, as_json=as_json)


def _diff_tables(old: str, new: str, vcf: tuple[Path, ...], build: str, folder: Path | None, *, as_json: bool) -> None:
    from nof1.jobs.reclassified import compare, written
    from nof1.knowledge.variant_index import SUFFIX
    from nof1.knowledge.variant_store import opened

    if not all("@" in name or name.endswith(SUFFIX) for name in (old, new)):
        raise RequestError("name two tables (KIND@EDITION or compiled files), or say whose advice with --people FOLDER")
    first = opened(old, build, folder)
    found = compare(first, opened(new, first.header.build, folder), vcf, build)
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
        return
    for line in written(found):
        click.echo(line)


def _diff_folders(old: Path, new: Path, people: Path, *, as_json: bool) -> None:
    """Whose advice changes between two folders."""
    from nof1.cli.progress import counting
    from nof1.jobs.differing import ABSENT, differences

    with counting("people:") as add:
        found = differences(old, new, people, progress=add)
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
        return
    for item in found.changes:
        click.echo(f"{item.person}  {item.drug}: {_head(item)}")
        for sign, texts in (("-", item.removed), ("+", item.added)):
            for text in texts:
                click.echo(f"    {sign} {text}")
    for (drug, after), count in sorted(Counter((item.drug, item.after) for item in found.listed).items()):
        how = "no longer in the knowledge, which had" if after == ABSENT else "new in the knowledge, which has"
        click.echo(f"{drug}: {how} no advice for {count} of {found.people} people")
    touched = {item.person for item in found.changes}
    click.echo(f"{len(touched)} of {found.people} people change advice ({found.before} -> {found.after})")


def _head(item: Changed) -> str:
    """The headline before and after, or that the drug is new or gone."""
    from nof1.jobs.differing import ABSENT

    before, after = (text.replace("_", " ") for text in (item.before, item.after))
    if item.before == ABSENT:
        return f"new in the knowledge: {after}"
    if item.after == ABSENT:
        return f"no longer in the knowledge (it was: {before})"
    return after if before == after else f"{before} -> {after}"


@command.command("list")
@click.argument("what", type=click.Choice(["genes", "drugs", "classes", "facts", "tables"]), default="genes")
@click.option("--tables", "folder", type=FILE, help="Folder of compiled tables, instead of the user's own.")
@click.option("--check", is_flag=True, help="Read every byte of the tables and compare checksums.")
def list_(what: str, folder: Path | None, check: bool) -> None:
    """List the genes, drugs, classes of drugs, facts that rules ask for, or tables that were brought, one a line."""
    if what == "tables":
        _list_tables(folder, check)
        return
    from nof1.knowledge.compiled import knowledge

    known = knowledge()
    if what in ("classes", "facts"):
        _list_care(known, what)
        return
    if what == "genes":
        for gene in known.genes.values():
            how = ", ".join(gene.file.call.methods).replace("_", " ")
            sizes = f"{len(gene.alleles):>4} alleles {len(gene.positions):>4} positions"
            click.echo(f"{gene.file.gene:<10} {sizes}  {how:<16} {gene.file.title}")
        return
    every = [*known.drugs.values(), *(file for files in known.guidelines.values() for file in files)]
    for drug in sorted(every, key=lambda item: (item.drug, item.body)):
        state = f"{len(drug.rules):>3} rules" if drug.rules else "no rules"
        click.echo(f"{drug.drug:<24} {drug.body:<6} {state}  {', '.join(drug.genes)}")


def _list_tables(folder: Path | None, check: bool) -> None:
    from nof1.errors import Nof1Error
    from nof1.knowledge.variant_index import VariantIndex
    from nof1.knowledge.variant_store import paths

    for path in paths("", folder):
        try:
            table = VariantIndex(path)
            if check:
                table.check()
        except Nof1Error as error:
            click.echo(f"damaged: {error}")
            continue
        source = table.header.source
        click.echo(
            f"{table.header.kind}@{table.header.edition:<12} {table.header.build} {len(table):>12,} rows  "
            f"made {table.header.made} from {source.name} (SHA-256 {source.digest[:12]}...)"
        )


def _list_care(known: Any, what: str) -> None:
    """Classes with their members, or the names that conditions of rules can use."""
    from nof1.decision.library import library

    if what == "classes":
        members = library(known).members
        for group in sorted(known.care.classes.values(), key=lambda item: item.id):
            click.echo(f"{group.id:<28} {len(members[group.id]):>3} drugs  {', '.join(group.uses):<22} {group.title}")
        return
    for term in known.care.measurements.values():
        click.echo(f"{term.id:<28} {term.unit or 'in words':<14} {term.title}")
    for equation in known.care.policy.equations if known.care.policy else ():
        click.echo(f"{equation.gives:<28} {equation.unit:<14} by {equation.title}")
    for condition in known.care.conditions.values():
        click.echo(f"{condition.id:<28} {'yes or no':<14} {condition.title}")


@command.command("frequencies")
@click.argument("gene")
@click.option("--all", "everything", is_flag=True, help="Names rarer than 1 in 1,000 in every population too.")
def frequencies(gene: str, everything: bool) -> None:
    """Show how often the alleles of GENE are held to occur in each reference population, with 95 % intervals."""
    from nof1.knowledge.compiled import knowledge
    from nof1.pgx.frequency import frequencies as of_gene

    known = knowledge()
    found = _find(known.genes, gene)
    if found is None:
        raise NotInKnowledge(f"{gene!r} is no gene of the knowledge; see nof1 knowledge list genes")
    rows = of_gene(found, known.certainty)
    if not rows:
        click.echo(f"{found.file.gene}: no frequencies are known; what is not seen cannot be weighed")
        return
    shown = [row for row in rows if everything or max(row.shares) >= _RARE]
    width = max(len(row.name) for row in shown)
    click.echo(" ".join([" " * width, *(f"{item.code:>22}" for item in known.certainty.populations)]))
    for row in shown:
        cells = [f"{share:.4f}" for share in row.shares]
        if row.intervals is not None:
            cells = [f"{cell} ({low:.4f}-{high:.4f})" for cell, (low, high) in zip(cells, row.intervals, strict=True)]
        else:
            cells = [f"{cell} published   " for cell in cells]
        click.echo(" ".join([f"{row.name:<{width}}", *(f"{cell:>22}" for cell in cells)]))
    if len(shown) < len(rows):
        click.echo(f"and {len(rows) - len(shown)} rarer ones: --all")


@command.command("sources")
def sources() -> None:
    """List every source, what it is cited for and its licence."""
    from nof1.knowledge.compiled import knowledge

    for source in sorted(knowledge().sources.values(), key=lambda item: item.id):
        click.echo(f"{source.id}: {source.title} ({source.body}, {source.year})")
        click.echo(f"    for {source.because}")
        click.echo(f"    {source.url}  [{source.licence}]")


def _find(table: dict[str, Any], name: str) -> Any:
    return next((value for key, value in table.items() if key.lower() == name.lower()), None)
