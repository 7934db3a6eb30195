"""``nof1 serve``: the FHIR R4 server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from nof1.cli.options import ExampleCommand, require_server

_EXAMPLES = """
nof1 serve
nof1 serve --database record.sqlite --port 8080
NOF1_DATABASE_URL=postgresql://nof1@db/record nof1 serve --host 0.0.0.0 --tokens tokens.txt --url https://fhir.example.org
"""


@click.command("serve", cls=ExampleCommand, epilog=_EXAMPLES)
@click.option(
    "--database",
    envvar="NOF1_DATABASE_URL",
    default="record.sqlite",
    show_default=True,
    help="The store: a file (SQLite), or postgresql://…; also from NOF1_DATABASE_URL. Made where there is none.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; beyond loopback with tokens only."
)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--url", default="", help="Address by which clients know the server, where a proxy stands before it.")
@click.option("--tokens", default="", metavar="FILE", help="File of tokens; nof1 record token makes them.")
@click.option("--issuer", default="", help="Outside issuer of signed tokens (JWT), its name as in their claim iss.")
@click.option("--audience", default="", help="What the claim aud of such tokens must name.")
@click.option("--keys", default="", metavar="FILE", help="Key set (JWKS) of that issuer.")
@click.option(
    "--import-folder", default="", metavar="FOLDER", help="From where the operation $import may read; nowhere without it."
)
@click.option("--rate", default=0.0, type=click.FloatRange(0), help="Most requests a second of one client; 0 for any.")
@click.option(
    "--bundle-time",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Most seconds of one batch or transaction.",
)
@click.option("--body", default=64, show_default=True, type=click.IntRange(1, 2048), help="Most megabytes of one request.")
def command(**given: Any) -> None:
    """Serve a health record by FHIR R4: read, search, write, history, transactions.

    TLS is left to a proxy. Every access is written to the audit before it is answered.
    """
    require_server()
    from nof1.server.serve import Settings, checked, serve

    os.umask(0o077)  # the store and its exports are for nobody else on the machine
    settings = checked(Settings(**{**given, "body": given["body"] * 1024 * 1024}))
    where = settings.database if "://" not in settings.database else settings.database.partition("://")[0]
    click.echo(f"nof1: {settings.base} on {Path(where).name}; stop with Ctrl-C", err=True)
    serve(settings)
