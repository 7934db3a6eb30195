"""The XHTML of a narrative: one div of formatting only, well-formed, without anything that acts when shown."""

from __future__ import annotations

from xml.parsers.expat import ExpatError, ParserCreate

_SPACE = "http://www.w3.org/1999/xhtml"
_XML = "http://www.w3.org/XML/1998/namespace"
# chapters 7 to 11 (without 9.4) and 15 of HTML 4.0, links and images: what rule txt-1 allows
_NAMES = """
a abbr acronym address b bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font
h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre q s samp small span strike strong sub sup
table tbody td tfoot th thead tr tt u ul var
"""
_FORMATTING = frozenset(_NAMES.split())
_LINKS = ("href", "src", "background", "cite", "longdesc")
_ACTING = ("javascript:", "vbscript:")


class _Refused(Exception):
    """Why a narrative is not accepted."""


def narrative_fault(div: str) -> str:
    """What is wrong with the XHTML, '' when nothing is.

    >>> narrative_fault('<div xmlns="http://www.w3.org/1999/xhtml">Well</div>')
    ''
    >>> narrative_fault('<div xmlns="http://www.w3.org/1999/xhtml"><script>1</script></div>')
    'script is not allowed in a narrative; only formatting is'
    """
    if not div.startswith("<div"):
        return "a narrative starts with <div"
    reader = _Reader()
    parser = ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(div.encode(), True)
    except _Refused as refused:
        return str(refused)
    except (ExpatError, ValueError) as error:
        return f"not well-formed XML: {str(error).partition(':')[0]}; HTML's named characters such as &nbsp; are not XML"
    return "" if reader.is_filled else "a narrative needs some text or an image"


class _Reader:
    """Looks at the elements one by one."""

    def __init__(self) -> None:
        self.is_filled = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if space != _SPACE:
            raise _Refused(f'{local} is not in the namespace of XHTML; write <div xmlns="{_SPACE}">')
        if local not in _FORMATTING:
            raise _Refused(f"{local[:20]} is not allowed in a narrative; only formatting is")
        self.is_filled = self.is_filled or local == "img"
        for key, value in attributes.items():
            _judge(key, value)

    def text(self, data: str) -> None:
        self.is_filled = self.is_filled or not data.isspace()


def _judge(key: str, value: str) -> None:
    """Refuses an attribute that acts."""
    lower = key.lower()
    if lower.startswith("on"):
        raise _Refused(f"the attribute {key[:20]} is not allowed in a narrative; nothing in it may act")
    if lower in _LINKS and "".join(value.split()).lower().startswith(_ACTING):
        raise _Refused(f"{key} must not hold a script")
