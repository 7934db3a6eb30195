"""Starts the server: what it needs is checked first, then one worker answers until it is told to stop."""

from __future__ import annotations

import gc
import ipaddress
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from nof1.errors import RequestError
from nof1.server.access import Access, read_issuer, read_tokens

if TYPE_CHECKING:  # what answers is loaded by the worker only, not by the process that watches over it
    from nof1.server.app import Application

_SETTINGS = "NOF1_SERVER_SETTINGS"
BASE = "/fhir"


class Settings(msgspec.Struct, frozen=True):
    """How the server runs. ``url``: address by which clients know it, where a proxy stands before it; else host and port.

    ``tokens``: file of tokens. ``issuer``, ``audience``, ``keys``: an outside issuer of tokens and the file of its key set.
    ``exports``, ``genomes``: folders, beside the store without them.
    ``import_folder``: from where ``$import`` may read; nowhere without it. ``rate``: requests a second of one client,
    0 for any. ``body``: bytes of a request. ``bundle_time``: seconds of a batch or transaction.
    """

    database: str
    host: str = "127.0.0.1"
    port: int = 8080
    url: str = ""
    tokens: str = ""
    issuer: str = ""
    audience: str = ""
    keys: str = ""
    exports: str = ""
    import_folder: str = ""
    genomes: str = ""
    rate: float = 0.0
    bundle_time: float = 60.0
    body: int = 64 * 1024 * 1024

    @property
    def base(self) -> str:
        """The address of the API."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.url.rstrip("/") or f"http://{host}:{self.port}") + BASE


def checked(settings: Settings) -> Settings:
    """The settings, if the server may run so. Raises ``RequestError``: beyond loopback nobody is served without a token."""
    access = access_of(settings)
    if access.is_open and not is_loopback(settings.host):
        raise RequestError(
            f"serve: {settings.host} can be reached by others, and no tokens are asked for; give --tokens FILE "
            "(nof1 record token makes one), --issuer with --keys, or bind to 127.0.0.1"
        )
    return settings


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.0.0.7")]
    [True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def access_of(settings: Settings) -> Access:
    """How clients are known. Raises ``RequestError`` for files that cannot be used."""
    tokens = read_tokens(Path(settings.tokens)) if settings.tokens else {}
    if bool(settings.issuer) != bool(settings.keys) or (settings.issuer and not settings.audience):
        raise RequestError("serve: an issuer needs all three of --issuer, --audience and --keys")
    issuer = read_issuer(settings.issuer, settings.audience, Path(settings.keys)) if settings.issuer else None
    return Access(tokens, issuer)


def application(settings: Settings) -> Application:
    """The server's application with its store opened."""
    from nof1 import __version__
    from nof1.genomics.repository import Repository
    from nof1.jobs.bulk_export import Exports
    from nof1.jobs.import_jobs import Imports
    from nof1.jobs.places import beside
    from nof1.rest.service import Service
    from nof1.server.app import Application
    from nof1.server.limits import Limits
    from nof1.server.places import PLACES
    from nof1.store.audit import Audit
    from nof1.store.database import opened

    # as many as may read at once, exports and the audit among them
    database = opened(settings.database, readers=sum(PLACES.values()) + 4)
    service = Service(database, Audit(database), settings.base, __version__, bundle_s=settings.bundle_time)
    exports = Path(settings.exports) if settings.exports else beside(settings.database, "exports")
    genomes = Repository(Path(settings.genomes) if settings.genomes else beside(settings.database, "genomes"))
    source = Path(settings.import_folder) if settings.import_folder else None
    imports = Imports(service, source, beside(settings.database, "imports"))
    limits = Limits(body=settings.body, rate=settings.rate)
    return Application(service, Exports(database, exports), imports, genomes, access_of(settings), limits, BASE)


def of_environment() -> Application:
    """The application of the settings that ``serve`` handed to its worker.

    What lasts as long as the server is read now, and then left out of the collection of garbage, which would stop all
    requests to look through it.
    """
    from nof1.fhir.definitions import definitions

    made = application(msgspec.json.decode(os.environ[_SETTINGS], type=Settings))
    definitions()
    gc.collect()
    gc.freeze()
    return made


def serve(settings: Settings) -> None:
    """Answers until it is stopped by a signal."""
    from granian import Granian
    from granian.constants import Interfaces, Loops

    from nof1.store.database import opened

    # what cannot work is told here, in one line, and not by a worker; the jobs of the server are begun only there
    opened(checked(settings).database).close()
    os.environ[_SETTINGS] = msgspec.json.encode(settings).decode()
    Granian(
        "nof1.server.serve:of_environment",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.auto,
        workers=1,
        factory=True,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
    ).serve()
