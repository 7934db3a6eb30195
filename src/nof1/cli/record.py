"""``nof1 record``: the record store from the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nof1.cli.options import FILE, ExampleCommand, require_server
from nof1.cli.progress import counting
from nof1.errors import RequestError
from nof1.jobs.places import beside

if TYPE_CHECKING:
    from nof1.genomics.repository import Repository
    from nof1.rest.service import Service
    from nof1.store.session import Database

_SHOWN = 20
_CACHE = 400  # megabytes of the store in memory while much is written


def database_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The store that a command is about."""
    return click.option(
        "--database",
        envvar="NOF1_DATABASE_URL",
        default="record.sqlite",
        show_default=True,
        help="The store: a file (SQLite), or postgresql://…; also from NOF1_DATABASE_URL.",
    )(function)


@click.group("record")
def command() -> None:
    """Fill, check, save and export the record store that nof1 serve answers from."""
    os.umask(0o077)  # whatever is written here is of patients, and for nobody else on the machine
    require_server()


@command.command(
    "import", cls=ExampleCommand, epilog="nof1 record import folder/ more.ndjson.gz\nnof1 record import --again bundle.json"
)
@click.argument("paths", nargs=-1, required=True, type=FILE, metavar="PATH...")
@database_option
@click.option(
    "--workers", default=None, type=click.IntRange(0, 64), help="Processes that validate; as many as cores without it."
)
@click.option("--again", is_flag=True, help="Also files that an earlier run has finished.")
def import_(paths: tuple[Path, ...], database: str, workers: int | None, again: bool) -> None:
    """Store the FHIR R4 resources of PATH: bundles, NDJSON, single resources, each also gzip; folders.

    Every resource is validated; what cannot be stored is listed and the rest is. Stopped at any time, the same command goes
    on where it stopped. Ids are kept; a resource without one gets the same id each time.
    """
    from nof1.jobs.bulk_import import import_files

    number = max(1, (os.cpu_count() or 1) - 1) if workers is None else workers
    with service_of(database, _CACHE) as service, counting("resources:") as add:
        audited(service, "batch", "", f"import of {', '.join(path.name for path in paths)}")
        found = import_files(service, paths, workers=number, is_again=again, progress=add)
    earlier = f", {found.again} stored by an earlier run" if found.again else ""
    click.echo(f"{found.stored:,} resources of {found.files} files{earlier}")
    if found.logical:
        click.echo(f"{found.logical:,} references by a search that matched nothing are kept as references by identifier")
    _told("left out", [f"{place}: {reason}" for place, reason in found.left_out])


@command.command(
    "export", cls=ExampleCommand, epilog="nof1 record export out/\nnof1 record export out/ --type Patient,Observation"
)
@click.argument("folder", type=FILE)
@database_option
@click.option("--type", "types", default="", help="Types to export, separated by commas; all without it.")
@click.option("--since", default="", help="Only what changed at this instant or later.")
@click.option("--patients", is_flag=True, help="Only what belongs to patients.")
@click.option("--group", default="", metavar="ID", help="Only what belongs to the patients of this Group.")
def export(folder: Path, database: str, types: str, since: str, patients: bool, group: str) -> None:
    """Write the record into FOLDER as NDJSON, one file for each type."""
    from nof1.fhir.indexing import interval
    from nof1.jobs import bulk_export

    try:
        start = interval(since)[0] if since else 0
    except ValueError:
        raise RequestError(f"--since {since!r} is no instant; write 2026-01-31T12:00:00Z") from None
    scope = "group" if group else "patient" if patients else "system"
    asked = bulk_export.Asked(scope, group, start, tuple(one for one in types.split(",") if one))
    bulk_export.checked(asked)
    _require(database)
    with service_of(database) as service:
        audited(service, "operation", f"Group/{group}" if group else "", f"export {scope} {types} {since}".strip())
        written = bulk_export.export(service.database, folder, asked)
    for _, name, number in written:
        click.echo(f"{number:>10,} {folder / name}")


@command.command("check")
@database_option
def check(database: str) -> None:
    """Compare every index, counter and version with the resources; tell what differs."""
    from nof1.store.check import check as checked

    with _opened(database) as store:
        problems = checked(store)
    _told("problems", problems)
    if problems:
        raise RequestError(f"record: {len(problems)} problems; nof1 record reindex makes the indexes anew")
    click.echo("no problem")


@command.command("reindex")
@database_option
def reindex(database: str) -> None:
    """Make all indexes anew from the resources."""
    from nof1.store.database import opened
    from nof1.store.reindex import reindex as made

    store = opened(database, is_any_edition=True)
    try:
        click.echo(f"{made(store):,} resources indexed")
    finally:
        store.close()


@command.command("backup", cls=ExampleCommand, epilog="nof1 record backup saved.nof1")
@click.argument("file", type=FILE)
@database_option
def backup(file: Path, database: str) -> None:
    """Save the store into FILE while it is used; the same file restores it on SQLite or PostgreSQL."""
    from nof1.store.backup import backup as saved

    with _opened(database) as store:
        click.echo(f"{file} sha256 {saved(store, file)}")


@command.command("restore", cls=ExampleCommand, epilog="nof1 record restore saved.nof1 --database new.sqlite")
@click.argument("file", type=FILE)
@database_option
def restore(file: Path, database: str) -> None:
    """Fill an empty store from the FILE of a backup."""
    from nof1.store.backup import restore as restored

    click.echo(f"{file} sha256 {restored(file, database)}")


@command.command("verify-audit")
@database_option
def verify_audit(database: str) -> None:
    """Tell whether any AuditEvent was changed, taken out or put in since it was written."""
    from nof1.store.audit import head, verify

    with _opened(database) as store, store.read_audit(is_long=True) as r:
        broken, (number, digest) = verify(r), head(r)
    if broken is not None:
        raise RequestError(f"audit: the chain is broken at event {broken}")
    click.echo(f"{number:,} events, unbroken; the last has digest {digest.hex()}")


@command.command("token", cls=ExampleCommand, epilog="nof1 record token --role read 'ward 3' >> tokens.txt")
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["read", "write", "admin"]), default="read", show_default=True, help="What it may do."
)
def token(name: str, role: Any) -> None:
    """Make a token for NAME: its line for the file of tokens on standard output, the token itself on standard error."""
    from nof1.server.access import new_token

    secret, line = new_token(name, role)
    click.echo(line)
    click.echo(f"token for {name}, shown only now: {secret}", err=True)


@command.command("attach", cls=ExampleCommand, epilog="nof1 record attach --patient 123 person.g.vcf.gz --calls cyrius.tsv")
@click.argument("genomes", nargs=-1, type=FILE, metavar="GENOME...")
@database_option
@click.option("--patient", required=True, metavar="ID", help="Whose genome it is.")
@click.option("--calls", multiple=True, type=FILE, metavar="FILE", help="Calls made elsewhere; may be given again.")
def attach(genomes: tuple[Path, ...], database: str, patient: str, calls: tuple[Path, ...]) -> None:
    """Keep genome files of a patient beside the record, by their digest; nof1 assess --patient ID reads them there."""
    from datetime import date

    from nof1.jobs.attached import attach as attached

    if not genomes and not calls:
        raise RequestError("record attach: name a genome file, or a file of calls with --calls")
    with service_of(database) as service:
        audited(service, "create", f"Patient/{patient}", "genome attached")
        for said in attached(service, genomes_of(database), patient, genomes, calls, today=date.today()):
            click.echo(said)


@command.command("import-dicom", cls=ExampleCommand, epilog="nof1 record import-dicom studies/ --issuer HOSP=urn:oid:1.2.3")
@click.argument("paths", nargs=-1, required=True, type=FILE, metavar="PATH...")
@database_option
@click.option(
    "--match",
    type=click.Choice(["identifier", "demographics"]),
    default="identifier",
    show_default=True,
    help="How a patient is found.",
)
@click.option(
    "--issuer",
    "issuers",
    multiple=True,
    metavar="NAME=SYSTEM",
    help="Identifier system of an issuer of patient IDs; NAME may be empty.",
)
@click.option("--zone", default="", help="Time zone of local times, such as Europe/Berlin; without it only days are kept.")
def import_dicom(paths: tuple[Path, ...], database: str, match: str, issuers: tuple[str, ...], zone: str) -> None:
    """Store the studies of DICOM files and the measurements of their structured reports.

    A patient is matched by identifier, or by name, birth date and sex together; never by name alone. Studies of nobody in
    the record are listed and not stored.
    """
    from nof1.jobs.imaging_import import import_dicom as stored

    with service_of(database) as service, counting("resources:") as add:
        audited(service, "batch", "", f"import of DICOM: {', '.join(path.name for path in paths)}")
        found = stored(service, paths, policy=match, issuers=dict(_pair(one) for one in issuers), zone=zone, progress=add)
    click.echo(f"{found.stored:,} resources of {found.people} patients")
    _told("left out", [f"{place}: {reason}" for place, reason in found.left_out])


def _pair(text: str) -> tuple[str, str]:
    name, sign, system = text.partition("=")
    if not sign or not system.strip():
        raise RequestError(f"--issuer {text!r} is no NAME=SYSTEM")
    return name.strip(), system.strip()


def _told(head: str, lines: list[str]) -> None:
    for line in lines[:_SHOWN]:
        click.echo(f"{head}: {line}", err=True)
    if len(lines) > _SHOWN:
        click.echo(f"{head}: {len(lines) - _SHOWN:,} more", err=True)


def _require(database: str) -> None:
    """Raises ``RequestError`` where there is no store yet."""
    if "://" not in database and not Path(database).exists():
        raise RequestError(f"record: there is no store {database}; nof1 serve or nof1 record import makes one")


@contextmanager
def _opened(database: str) -> Iterator[Database]:
    from nof1.store.database import opened

    _require(database)
    store = opened(database)
    try:
        yield store
    finally:
        store.close()


def audited(service: Service, interaction: str, what: str, query: str = "") -> None:
    """Writes an AuditEvent for what the command did, as the user of the machine."""
    import getpass

    from nof1.server.access import Agent
    from nof1.server.auditing import Access, audit_event

    agent = Agent(f"command line: {getpass.getuser()}", "admin")
    service.audit.add(*audit_event(Access(interaction, what, query, 200), agent, service.now())).result(60)


@contextmanager
def service_of(database: str, cache_mib: int = 32) -> Iterator[Service]:
    """The store with its audit, closed at the end. ``cache_mib``: megabytes of an SQLite file that are kept in memory."""
    from nof1.rest.service import Service
    from nof1.store.audit import Audit
    from nof1.store.database import opened

    store = opened(database, cache_mib=cache_mib)
    service = Service(store, Audit(store), "")
    try:
        yield service
    finally:
        service.close()


def genomes_of(database: str) -> Repository:
    """Where the genome files of a store are."""
    from nof1.genomics.repository import Repository

    return Repository(beside(database, "genomes"))
