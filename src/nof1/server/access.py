"""Who asks, and what they may do: bearer tokens of a file or of an outside issuer, each with a role."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from nof1.errors import RequestError

Role = Literal["read", "write", "admin"]
ROLES: tuple[Role, ...] = ("read", "write", "admin")
_BEARER = "bearer "
_PREFIX = "nof1_"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who asks. ``role``: each includes those before it in ``ROLES``; ``address``: of the client, as the socket tells."""

    name: str
    role: Role
    address: str = ""

    def may(self, role: Role) -> bool:
        """Whether the own role includes ``role``.

        >>> Agent("ward", "write").may("read"), Agent("ward", "write").may("admin")
        (True, False)
        """
        return ROLES.index(self.role) >= ROLES.index(role)


class NotAllowed(RequestError):
    """No token, an unknown one, or one whose role does not reach. ``is_known``: who asks is known (HTTP 403, else 401)."""

    def __init__(self, text: str, is_known: bool = False) -> None:
        super().__init__(text)
        self.is_known = is_known


@dataclass(frozen=True, slots=True)
class Issuer:
    """An outside issuer of signed tokens (JWT): name, our audience, keys by ``kid`` (JWKS), and the claim with the role."""

    name: str
    audience: str
    keys: Mapping[str, Any]
    claim: str = "roles"


@dataclass(frozen=True, slots=True)
class Access:
    """How askers are known. ``tokens``: SHA-256 of a token -> (name, role). Without either everybody is let in."""

    tokens: Mapping[bytes, tuple[str, Role]] = field(default_factory=dict)
    issuer: Issuer | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has to show a token."""
        return not self.tokens and self.issuer is None

    def agent(self, authorization: str, address: str) -> Agent:
        """Who shows ``authorization`` (the HTTP header). Raises ``NotAllowed``."""
        if self.is_open:
            return Agent("loopback", "admin", address)
        if not authorization[: len(_BEARER)].lower() == _BEARER:
            raise NotAllowed("no bearer token; send Authorization: Bearer TOKEN")
        token = authorization[len(_BEARER) :].strip()
        digest = hashlib.sha256(token.encode()).digest()
        for known, (name, role) in self.tokens.items():
            if hmac.compare_digest(known, digest):
                return Agent(name, role, address)
        if self.issuer is not None and token.count(".") == 2:
            return _signed(self.issuer, token, address)
        raise NotAllowed("the token is not known here; ask the administrator of this server for one")


def _signed(issuer: Issuer, token: str, address: str) -> Agent:
    import jwt

    try:
        kid = jwt.get_unverified_header(token).get("kid", "")
        if kid not in issuer.keys:
            raise NotAllowed(f"the token is signed by a key ({str(kid)[:40]!r}) that the issuer's key set does not have")
        claims = jwt.decode(
            token,
            issuer.keys[kid].key,
            algorithms=["RS256", "RS384", "ES256", "ES384", "PS256"],
            audience=issuer.audience,
            issuer=issuer.name,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, TypeError, ValueError) as error:  # a key of another kind than the token's algorithm
        raise NotAllowed(f"the token is refused: {error}") from None
    stated = claims.get(issuer.claim, ())
    listed = stated.split() if isinstance(stated, str) else stated if isinstance(stated, list) else ()
    roles = [role for role in ROLES if role in listed]
    if not roles:
        raise NotAllowed(f"the token gives no role; its claim {issuer.claim!r} must name one of {', '.join(ROLES)}", True)
    return Agent(str(claims["sub"]), roles[-1], address)


def check_own(headers: Mapping[str, str], base: str) -> None:
    """Raises ``NotAllowed`` for a request that a page of elsewhere makes in a browser beside an open server.

    Nobody shows a token there, so the names must be ours: a page of a.example can make a.example mean 127.0.0.1.
    ``base``: the address of the API.

    >>> check_own({"host": "localhost:8080"}, "http://127.0.0.1:8080/fhir")
    """
    own = {urlsplit(base).hostname, "localhost", "127.0.0.1", "::1"}
    for name, address in (("host", f"//{headers.get('host', '')}"), ("origin", headers.get("origin", ""))):
        try:
            said = urlsplit(address).hostname if headers.get(name) else None
        except ValueError:
            said = ""
        if headers.get(name) and said not in own:
            raise NotAllowed(f"the {name} is not this server; ask for tokens (--tokens), or state its address (--url)", True)


def read_tokens(path: Path) -> dict[bytes, tuple[str, Role]]:
    """The tokens of a file: lines ``sha256 role name``; lines that begin with ``#`` are notes. Raises ``RequestError``."""
    found: dict[bytes, tuple[str, Role]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"tokens: {path} cannot be read: {error}") from None
    for at, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split(maxsplit=2)
        role = next((one for one in ROLES if len(parts) == 3 and one == parts[1]), None)
        if role is None or len(parts[0]) != 64 or set(parts[0]) - set("0123456789abcdef"):
            raise RequestError(f"tokens: {path.name} line {at} is not 'SHA256 ROLE NAME' with a role of {', '.join(ROLES)}")
        found[bytes.fromhex(parts[0])] = (parts[2].strip(), role)
    if not found:
        raise RequestError(f"tokens: {path} holds none; make one with nof1 record token")
    return found


def new_token(name: str, role: Role) -> tuple[str, str]:
    """A new token and its line for the file; the token itself is kept nowhere."""
    token = _PREFIX + secrets.token_urlsafe(32)
    return token, f"{hashlib.sha256(token.encode()).hexdigest()} {role} {' '.join(name.split())}"


def read_issuer(name: str, audience: str, keys: Path) -> Issuer:
    """An outside issuer by its key set in a file (JWKS). Raises ``RequestError``."""
    import json

    import jwt

    try:
        key_set = jwt.PyJWKSet.from_dict(json.loads(keys.read_text(encoding="utf-8")))
    except (OSError, ValueError, jwt.PyJWTError) as error:
        raise RequestError(f"issuer: {keys} is no key set (JWKS): {error}") from None
    return Issuer(name, audience, {key.key_id: key for key in key_set.keys if key.key_id})
