"""The page of an answer on doses: one printable HTML document that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nof1.report import dose_words as words
from nof1.report.dose_chances import chance_legend, loading_table, options_table
from nof1.report.dose_drawing import course_drawing, legend
from nof1.report.dose_start import TITLE, starting_section
from nof1.report.head import head
from nof1.report.markup import Html, anchor, clean, link, readable, row, table, tag, together, web_link
from nof1.report.tables import Group, folding
from nof1.report.words import counted
from nof1.response.covariates import Concern
from nof1.response.described import ModelFit
from nof1.response.document import Dosing

_SHEET = "dose.css"
_AVERAGED = "Probabilities, the drawing and predicted levels are over all models that hold, each with its weight."


def dose_page(found: Dosing) -> str:
    """The answer as one HTML page: what is drafted or why nothing is, the drawing, doses with their chances, levels, models.

    Text of files and knowledge is escaped; the page holds no script and loads nothing.
    """
    who = found.person or "patient"
    title = f"{who} · {found.drug} by levels · {found.created}"
    known = [_answer(found), _choices(found), _course(found), _doses(found), _levels(found), _parameters(found)]
    known.insert(len(known) if found.doses else 1, _starting(found))
    more = (_models(found), _refused(found), _limits(found), _known(found), _sources(found), _about(found))
    body = together([_top(found), tag("main", *[part for part in (*known, *more) if part]), _footer(found)])
    return readable(clean(f"{head(title, f'{who}, {found.drug}', found.created, _SHEET)}<body>{body}</body></html>\n"))


def _top(found: Dosing) -> Html:
    facts = {
        "Now": words.hours(found, found.now),
        "Target": f"{found.target.title}" if found.target else "none",
        "Date": found.created,
        "Software": found.software,
        "Knowledge": f"edition {found.knowledge_edition[:12]} of {found.knowledge_date}",
    }
    shown = [tag("div", tag("dt", name), tag("dd", text)) for name, text in facts.items()]
    named = together([", ", tag("bdi", found.person)]) if found.person else Html("")
    title = tag("h1", tag("span", "Dose by levels", class_="kicker"), " ", found.drug, named)
    return tag(
        "header",
        title,
        tag("dl", *shown, class_="meta"),
        tag("p", found.disclaimer, class_="disclaimer", role="note"),
        class_="top",
    )


def _cite(found: Dosing, source: str) -> Html:
    """A reference, linked where its source is listed."""
    name = source.partition("#")[0]
    written = tag("code", source)
    return link("s", name, written) if name in found.sources else written


def _section(name: str, title: str, *parts: str) -> Html:
    """A section, where it holds anything."""
    if not any(parts):
        return Html("")
    return tag("section", tag("h2", title, id=name), *parts)


def _items(texts: Sequence[str]) -> Html:
    return tag("ul", *[tag("li", text) for text in texts], class_="plain-list") if texts else Html("")


def _answer(found: Dosing) -> Html:
    line = tag("p", tag("b", words.headline(found)), class_="headline")
    if found.draft is not None:
        return _section("answer", "Answer", line, tag("p", words.draft_chances(found)))
    why = together([tag("p", "What stands in the way:"), _items(words.blocked(found))])
    note = tag("p", words.NOT_ADVICE, class_="lead") if found.options else Html("")
    return _section("answer", "Answer", line, tag("div", why, class_="warning"), note)


def _choices(found: Dosing) -> Html:
    """The targets of which one has to be chosen, with the dose given now under each."""
    items = [tag("li", words.choice(item, found.dose_unit), " ", _cite(found, item.target.source)) for item in found.choices]
    return (
        _section("targets", "Targets, of which one has to be chosen", tag("ul", *items, class_="plain-list"))
        if items
        else Html("")
    )


def _course(found: Dosing) -> Html:
    if found.curve is None:
        return Html("")
    drawings = together([course_drawing(found, 900, 380, "broad"), course_drawing(found, 400, 320, "slim")])
    caption = tag("figcaption", f"By {words.curve_words(found)}.", class_="quiet")
    return _section("course", "Levels over time", tag("figure", drawings, legend(found), caption))


def _doses(found: Dosing) -> Html:
    tables = together([chance_legend(found), options_table(found), loading_table(found)])
    if found.target is None or not (found.options or found.present):
        return Html("")
    about = tag("p", f"{words.ORDERED} {_AVERAGED}", class_="quiet")
    looked = tag("p", f"{found.priced} doses were looked at.", class_="quiet")
    above = [tag("p", f"⚠ The dose as given now passes a ceiling: {text}.", class_="alarm") for text in found.present_above]
    notes = _items(words.target_notes(found.target))
    target = tag("p", tag("b", "Target: "), f"{found.target.title} (", _cite(found, found.target.source), ")")
    return _section("doses", "Doses and their chances", target, notes, *above, about, tables, looked, _waits(found))


def _waits(found: Dosing) -> Html:
    texts = [
        f"{found.targets.get(item.target, item.target)}: {words.waiting(item, found.level_unit)}" for item in found.waits
    ]
    return together([tag("h3", "Without another dose"), _items(texts)]) if texts else Html("")


def _starting(found: Dosing) -> Html:
    return _section("starting", TITLE, *starting_section(found, lambda source: _cite(found, source)))


def _levels(found: Dosing) -> Html:
    heads = ("Time", "Measured", "Predicted beforehand", "Predicted with the levels", "Remark")
    groups = []
    for item in found.levels:
        alarm = words.level_alarm(item)
        cells = (
            tag("b", words.observed(item, found.level_unit)),
            words.between(item.beforehand, found.level_unit),
            words.between(item.afterwards, found.level_unit),
            tag("span", f"⚠ {alarm}", class_="old") if alarm else Html(""),
        )
        groups.append(Group(words.hours(found, item.time), [cells]))
    caption = "Medians and 90 % intervals of the prediction"
    return _section("levels", "Levels", folding(caption, heads, groups, "levels") if groups else Html(""))


def _parameters(found: Dosing) -> Html:
    best = next((item for item in found.models if found.curve and item.id == found.curve.model), None)
    if best is None:
        return Html("")
    heads = ("Parameter", "Unit", "Typical of such a person", "This person, median (90 %)")
    groups = [
        Group(item.name, [(words.shown_unit(item.unit), words.number(item.typical), words.between(item.here))])
        for item in best.parameters
    ]
    return _section("parameters", "This person", folding(f"By {best.title}", heads, groups, "parameters"))


def _models(found: Dosing) -> Html:
    heads = ("Model", "Weight", "People it was made from", "What it was told", "To know")
    groups = [Group(_model_name(item), [_model_cells(found, item)]) for item in found.models]
    special = [f"{name} is used only when named: {text}" for name, text in found.special.items()]
    body = folding("Models that hold here, by how well they explain the levels", heads, groups, "models")
    return _section("models", "Models", body if groups else Html(""), _items(special))


def _model_name(item: ModelFit) -> Html:
    status = tag("p", item.status, class_=f"status {item.status}")
    return together([item.title, tag("p", tag("code", item.id), class_="quiet"), status])


def _model_cells(found: Dosing, item: ModelFit) -> tuple[str, ...]:
    used = together([tag("p", f"{name}: {text}") for name, text in item.used.items()])
    method = f"{item.method}, {item.effective:.0f} effective draws"
    method += f", Pareto k {item.pareto_k:.2f}" if item.pareto_k is not None else ""
    told = together([*_concerns(item.concerns, item.title), tag("p", method, class_="quiet")])
    source = tag("p", _cite(found, item.source), class_="quiet")
    people = together([item.population, tag("p", f"{counted(item.people, 'person', 'people')}", class_="quiet"), source])
    return words.percent(item.weight), people, used, told


def _concerns(items: Sequence[Concern], title: str) -> list[Html]:
    return [tag("p", words.without_title(item.text, title)) for item in items]


def _refused(found: Dosing) -> Html:
    rows = [row(item.title, together(_concerns(item.reasons, item.title)), tag("code", item.id)) for item in found.refused]
    body = table("compact left", ("Model", "Why", "Name"), rows, "Models left out") if rows else Html("")
    return _section("refused", "Models left out", body)


def _limits(found: Dosing) -> Html:
    rows = [
        row(
            item.text,
            together(
                [
                    item.note,
                    *([tag("p", f"forbids {item.forbids} of the doses that exist")] if item.forbids else []),
                    *([tag("p", f"⚠ {item.why}", class_="old")] if item.why else []),
                ]
            ),
            _cite(found, item.source),
        )
        for item in found.ceilings
    ]
    body = table("compact left", ("Ceiling", "Note", "Source"), rows, "Ceilings") if rows else Html("")
    return _section("ceilings", "Ceilings that no dose here passes", body)


def _known(found: Dosing) -> Html:
    return _section("known", "To know", _items([*found.notes, *(f"{gene}: {text}" for gene, text in found.genes.items())]))


def _sources(found: Dosing) -> Html:
    entries = [_entry(name, details) for name, details in found.sources.items()]
    return _section("sources", "Sources", tag("ol", *entries, class_="sources") if entries else Html(""))


def _entry(name: str, details: Mapping[str, str]) -> Html:
    parts = (
        tag("b", details.get("title") or name),
        ", ".join(text for text in (details.get("body"), details.get("year")) if text),
        f"PMID {details['pmid']}" if details.get("pmid") else "",
        web_link(details["url"]) if details.get("url") else "",
        f"Licence: {details['licence']}" if details.get("licence") else "",
        f"Cited for: {details['because']}" if details.get("because") else "",
    )
    shown = together([part for part in parts if part], " · ")
    return tag("li", shown, " ", tag("code", name), id=anchor("s", name))


def _about(found: Dosing) -> Html:
    stated = {
        "Knowledge edition": found.knowledge_edition,
        "Form of the data": f"schema {found.schema_version}",
        "Doses given": str(len(found.doses)),
        **found.settings,
    }
    settings = [tag("div", tag("dt", name), tag("dd", text)) for name, text in stated.items()]
    return _section("about", "Settings", tag("dl", *settings, class_="settings"))


def _footer(found: Dosing) -> Html:
    knowledge = f"knowledge {found.knowledge_edition[:12]} of {found.knowledge_date}"
    return tag("footer", tag("p", found.disclaimer), tag("p", f"{found.software}, {knowledge}, {found.created}."))
