"""XML as a small tree: no document type, no entities of its own, no deep nesting. Where a part stands is told by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from nof1.errors import RequestError

_DEEPEST = 64
_MOST = 200_000


@dataclass(slots=True)
class Element:
    """``tag``, what stands within it as text, and ``children`` in order; ``line`` of the file."""

    tag: str
    line: int
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)

    def every(self, tag: str) -> list[Element]:
        """The children named ``tag``."""
        return [child for child in self.children if child.tag == tag]

    def first(self, *path: str) -> Element | None:
        """The first element on ``path`` below this one; ``None`` where there is none."""
        here: Element | None = self
        for tag in path:
            here = next((child for child in here.children if child.tag == tag), None) if here else None
        return here

    def said(self, *path: str) -> str:
        """The text of the first element on ``path`` without space around it; empty where there is none."""
        found = self.first(*path)
        return found.text.strip() if found else ""

    def walk(self) -> Iterator[Element]:
        """This element and all below."""
        waiting = [self]
        while waiting:
            yield (here := waiting.pop())
            waiting.extend(reversed(here.children))


def read(data: bytes, name: str) -> Element:
    """The root of ``data``. Raises ``RequestError``: not XML, a document type, nested too deep, too many parts."""
    parser = expat.ParserCreate()
    top = Element("", 0)
    open_elements, count = [top], [0]

    def refuse(*_: object) -> None:
        raise RequestError(f"{name} line {parser.CurrentLineNumber}: a document type or entity of its own; remove it")

    def start(tag: str, attributes: dict[str, str]) -> None:
        count[0] += 1
        if len(open_elements) > _DEEPEST or count[0] > _MOST:
            raise RequestError(
                f"{name} line {parser.CurrentLineNumber}: nested deeper than {_DEEPEST}, or over {_MOST} parts"
            )
        made = Element(tag, parser.CurrentLineNumber, attributes=attributes)
        open_elements[-1].children.append(made)
        open_elements.append(made)

    def text(part: str) -> None:
        open_elements[-1].text += part

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_elements.pop() and None
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise RequestError(f"{name}: is no XML ({error}); is the file whole?") from None
    return top.children[0]
