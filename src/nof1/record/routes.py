"""The route of a drug, and whether it leads into the blood."""

from __future__ import annotations

from nof1.model.terms import Terms, phrase, system_name
from nof1.record.fields import Json, codings, obj, objects, text, words
from nof1.record.reading import Reading

_PATCH = frozenset(("patch", "patches"))  # on the skin, and often meant to go through it
_LONGEST = 3


def route(instructions: list[Json], described: str, place: str, reading: Reading) -> tuple[str, bool | None]:
    """The route and whether it leads into the blood: by its codes and words, then by the text, then by name and form.

    ``described``: the words of name and form. One route into the blood is enough. Where a local route is stated and name
    or form say otherwise, that is noted and the route is not taken as local.
    """
    terms = reading.terms
    stated = [found for one in instructions for found in _stated(one.get("route"), terms)]
    for word, systemic in stated:
        if systemic:
            return word, True
    for word, systemic in stated:
        if systemic is False:
            return word, _unless_contradicted(word, described, instructions, place, reading)
    said = next((word for word, _ in stated if word), "")
    for source in (*(text(one.get("text")) for one in instructions), described):
        systemic = _leads_in(source, terms)
        if systemic is not None:
            word = said or next(iter(_route_words(source, terms)))
            return word, systemic or _unless_contradicted(word, described, instructions, place, reading)
    return said, None


def _stated(concept: object, terms: Terms) -> list[tuple[str, bool | None]]:
    """What each code of a route, and its words, say."""
    codes = codings(concept)
    found: list[tuple[str, bool | None]] = []
    for code in codes:
        word = terms.route_codes.get((system_name(code.system), code.code)) or terms.route_codes.get(("", code.code))
        if word:
            found.append((word, _leads_in(word, terms)))
    said = words(concept, codes)
    return [*found, (said, _leads_in(said, terms))] if said else found


def _unless_contradicted(word: str, described: str, instructions: list[Json], place: str, reading: Reading) -> bool | None:
    """That the route is local, unless name or form lead into the blood, or the dose is a patch."""
    named = [found for found in _apart(described, reading.terms) if found in reading.terms.systemic_words]
    if phrase(word).startswith("intra"):  # what is injected into a joint or an eye is an injection too
        named = [found for found in named if not found.startswith("inject")]
    units = [text(obj(dose.get("doseQuantity")).get("unit")) for one in instructions for dose in _doses(one)]
    dosed = " ".join((described, *units, *(text(one.get("text")) for one in instructions)))
    patch = _PATCH & set(phrase(dosed).split())
    if not named and not patch:
        return False
    into, how = (True, "it counts as such") if named else (None, "whether it reaches the blood is unknown")
    reason = f'its route is "{word}" and its name, form or dose says "{named[0] if named else min(patch)}"; {how}'
    reading.leave("route_contradicts", place, described.strip(), reason)
    return into


def _doses(instruction: Json) -> list[Json]:
    return objects(instruction.get("doseAndRate"))


def _leads_in(said: str, terms: Terms) -> bool | None:
    """Whether words for a route say "into the blood"; the longest phrase counts, and ``None`` where they disagree."""
    found = _route_words(said, terms)
    kinds = {word in terms.systemic_words for word in found if word.count(" ") == found[0].count(" ")}
    return kinds.pop() if len(kinds) == 1 else None


def _route_words(said: str, terms: Terms) -> list[str]:
    """Words for routes in a text, the longest first."""
    spoken = phrase(said).split()
    groups = (" ".join(spoken[at : at + size]) for size in (3, 2, 1) for at in range(len(spoken) - size + 1))
    return [group for group in groups if group in terms.systemic_words or group in terms.local_words]


def _apart(said: str, terms: Terms) -> list[str]:
    """Words for routes in a text, each word of it in one phrase only: "oral inhalation" is not "oral"."""
    spoken, found, at = phrase(said).split(), [], 0
    while at < len(spoken):
        groups = (" ".join(spoken[at : at + size]) for size in range(_LONGEST, 0, -1))
        group = next((one for one in groups if one in terms.systemic_words or one in terms.local_words), spoken[at])
        found.append(group)
        at += group.count(" ") + 1
    return found
