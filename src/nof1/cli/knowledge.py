"""``nof1 knowledge``: what is believed, from where, and whether the files are right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nof1.cli.knowledge_add import add
from nof1.cli.options import FILE
from nof1.errors import NotInKnowledge, RequestError

_RARE = 0.001


@click.group("knowledge")
def command() -> None:
    """Check, list and show the knowledge: genes, drugs and their sources."""


command.add_command(add)


@command.command("check")
@click.argument("folders", nargs=-1, type=FILE, metavar="[FOLDER...]")
def check(folders: tuple[Path, ...]) -> None:
    """Load every file, tell all problems at once, and print the edition.

    FOLDER adds a pack of your own on top of the shipped files.
    """
    from nof1.knowledge.edition import SHIPPED, packs
    from nof1.knowledge.load import load

    if missing := [folder for folder in folders if not folder.is_dir()]:
        raise RequestError(f"{str(missing[0])!r} is no folder; name a folder of knowledge files")
    known = load((SHIPPED, *packs(), *folders))
    rows = sum(len(gene.positions) + len(gene.alleles) for gene in known.genes.values())
    rules = sum(len(drug.rules) for drug in known.drugs.values())
    click.echo(
        f"edition {known.edition.digest} of {known.edition.date}: {known.edition.files} files, {len(known.genes)} genes "
        f"({rows} rows), {len(known.drugs)} drugs ({rules} rules), {len(known.sources)} sources: no problems"
    )


@command.command("diff")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option("--people", type=FILE, required=True, help="A folder with a folder for each person: genome files, a record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(old: Path, new: Path, people: Path, as_json: bool) -> None:
    """Tell whose advice changes between the knowledge folders OLD and NEW, and how.

    A folder without certainty.yaml is a pack, laid over the shipped files.
    """
    from nof1.cli.progress import counting
    from nof1.jobs.differing import differences

    with counting("people:") as add:
        found = differences(old, new, people, progress=add)
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
        return
    for item in found.changes:
        head = item.after if item.before == item.after else f"{item.before} -> {item.after}"
        click.echo(f"{item.person}  {item.drug}: {head.replace('_', ' ')}")
        for sign, texts in (("-", item.removed), ("+", item.added)):
            for text in texts:
                click.echo(f"    {sign} {text}")
    touched = {item.person for item in found.changes}
    click.echo(f"{len(touched)} of {found.people} people change advice ({found.before} -> {found.after})")


@command.command("list")
@click.argument("what", type=click.Choice(["genes", "drugs", "classes", "facts"]), default="genes")
def list_(what: str) -> None:
    """List the genes, drugs, classes of drugs or facts that rules ask for, one a line."""
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


@command.command("show")
@click.argument("name")
def show(name: str) -> None:
    """Show a gene, a drug or a source by NAME, as the file has it."""
    import msgspec
    import yaml

    from nof1.knowledge.compiled import knowledge

    known = knowledge()
    found = _find(known.genes, name) or _find(known.drugs, name) or _find(known.sources, name)
    if found is None:
        raise NotInKnowledge(
            f"{name!r} is no gene, drug or source of the knowledge; see nof1 knowledge list genes, list drugs, sources"
        )
    click.echo(yaml.safe_dump(msgspec.to_builtins(found), sort_keys=False, allow_unicode=True, width=110).rstrip())


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
