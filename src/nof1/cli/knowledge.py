"""``nof1 knowledge``: what is believed, from where, and whether the files are right."""

from __future__ import annotations

from pathlib import Path

import click

from nof1.cli.options import FILE
from nof1.errors import NotInKnowledge, RequestError


@click.group("knowledge")
def command() -> None:
    """Check, list and show the knowledge: genes, drugs and their sources."""


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


@command.command("list")
@click.argument("what", type=click.Choice(["genes", "drugs"]), default="genes")
def list_(what: str) -> None:
    """List the genes or drugs, one a line."""
    from nof1.knowledge.compiled import knowledge

    known = knowledge()
    if what == "genes":
        for gene in known.genes.values():
            how = ", ".join(gene.file.call.methods).replace("_", " ")
            sizes = f"{len(gene.alleles):>4} alleles {len(gene.positions):>4} positions"
            click.echo(f"{gene.file.gene:<10} {sizes}  {how:<16} {gene.file.title}")
        return
    for drug in sorted(known.drugs.values(), key=lambda item: item.drug):
        state = f"{len(drug.rules):>3} rules" if drug.rules else "no rules"
        click.echo(f"{drug.drug:<24} {drug.body:<6} {state}  {', '.join(drug.genes)}")


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


@command.command("sources")
def sources() -> None:
    """List every source, what it is cited for and its licence."""
    from nof1.knowledge.compiled import knowledge

    for source in sorted(knowledge().sources.values(), key=lambda item: item.id):
        click.echo(f"{source.id}: {source.title} ({source.body}, {source.year})")
        click.echo(f"    for {source.because}")
        click.echo(f"    {source.url}  [{source.licence}]")


def _find(table: dict[str, object] | object, name: str) -> object | None:
    assert isinstance(table, dict)
    return next((value for key, value in table.items() if key.lower() == name.lower()), None)
