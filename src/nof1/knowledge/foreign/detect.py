"""Tells by content whose model file it is, reads it, and writes a model as a file of ours."""

from __future__ import annotations

import codecs

import msgspec
import yaml

from nof1.errors import RequestError
from nof1.knowledge.foreign import pkpdsim, tucuxi
from nof1.knowledge.foreign.brought import Asked, Brought
from nof1.knowledge.kinetics import PkModel

MOST_BYTES = 1_000_000
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_model(data: bytes, asked: Asked, *, as_computed: bool = False) -> Brought:
    """The model in a PKPDsim (JSON5) or Tucuxi (XML) file, whichever ``data`` is.

    ``as_computed``: numbers of a Tucuxi file have the units in which Tucuxi computes, whatever the file says. Raises
    ``RequestError`` in one line: the file, the place in it, the value, the way out.
    """
    if len(data) > MOST_BYTES:
        raise RequestError(f"{asked.name}: more than {MOST_BYTES} bytes; a model file is smaller")
    start = data.removeprefix(codecs.BOM_UTF8).lstrip()
    if start[:1] == b"<" or data[:2] in _WIDE:
        return tucuxi.model_of(data, asked, as_computed=as_computed)
    if as_computed:
        raise RequestError(
            f"{asked.name}: --units-as-computed is for Tucuxi drug files (XML), and this is none; leave it out"
        )
    if start[:1] == b"{" or start[:2] in (b"//", b"/*"):
        try:
            return pkpdsim.model_of(data.decode("utf-8-sig"), asked)
        except UnicodeDecodeError as error:
            raise RequestError(f"{asked.name} byte {error.start}: not UTF-8; save it as UTF-8") from None
    if b"schema:" in data[:10_000] and b"\x00" not in data[:10_000]:
        raise RequestError(f"{asked.name}: is a file of nof1 already; it needs no converting")
    raise RequestError(f"{asked.name}: is neither a PKPDsim model (JSON5, begins with '{{') nor a Tucuxi drug file (XML)")


def written(model: PkModel) -> bytes:
    """``model`` as the YAML that nof1 reads."""
    text = yaml.safe_dump(msgspec.to_builtins(model), sort_keys=False, allow_unicode=True, width=120)
    return text.encode()
