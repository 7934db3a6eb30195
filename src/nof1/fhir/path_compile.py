"""FHIRPath trees as Python functions: for nodes, and for true, false or unknown where a rule asks nothing more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from nof1.fhir.path_functions import FUNCTIONS
from nof1.fhir.path_lambdas import LAMBDAS, Argument, Scope
from nof1.fhir.path_nodes import Node, is_kind, is_primitive, known_type, members
from nof1.fhir.path_parse import Binary, Call, Dot, Literal, Name, PathError, Signed, Tree, Typed, Variable, type_of
from nof1.fhir.path_resolve import resolved
from nof1.fhir.path_start import Start, start_of
from nof1.fhir.path_text import as_text, one
from nof1.fhir.path_values import Values, distinct, equal, equivalent, exact, is_number, order

Nodes = Sequence[Node]
Run = Callable[[Nodes, Scope], list[Node]]
Ask = Callable[[Nodes, Scope], bool | None]
_ADDRESSES = {"ucum": "http://unitsofmeasure.org", "sct": "http://snomed.info/sct", "loinc": "http://loinc.org"}
_ROOTS = ("resource", "rootResource")


@lru_cache(maxsize=8192)
def nodes_of(tree: Tree) -> Run:
    """What an expression gives, as a function of ``$this`` and the scope. Raises ``PathError`` for what is not supported."""
    run, start = _run(tree), start_of(tree)
    return run if not start or isinstance(tree, Variable) else _once(run, start)


def _once(run: Run, start: Start) -> Run:
    """The same worked out once, and not again for each ``$this`` that it does not depend on."""
    key = object()

    def once(this: Nodes, scope: Scope) -> list[Node]:
        kept = scope.of_resource if start == "resource" else scope.of_context
        found: list[Node] | None = kept.get(key)
        if found is None:
            found = kept[key] = run(this, scope)
        return found

    return once


def _run(tree: Tree) -> Run:
    ask = _question(tree)
    if ask is not None:
        return _answered(ask)
    match tree:
        case Name(text):
            return _named(text)
        case Literal(_, kind, value):
            constant = [Node(value, kind)] if kind != "empty" else []
            return lambda _, __: constant
        case Variable(name):
            return _variable(name)
        case Call(name, arguments):
            return _called(lambda this, _: list(this), name, arguments)
        case Dot(base, Call(name, arguments)):
            return _called(nodes_of(base), name, arguments)
        case Dot(base, Name(text)):
            before = nodes_of(base)
            return lambda this, scope: members(before(this, scope), text)
        case Typed(_, operand, kind):
            return _of_type(nodes_of(operand), known_type(kind))
        case Signed(operator, operand):
            return _signed(operator, nodes_of(operand))
        case Binary(operator, left, right):
            return _joined(operator, nodes_of(left), nodes_of(right))
    raise PathError("path: $this and its like stand alone")


@lru_cache(maxsize=8192)
def truth_of(tree: Tree) -> Ask:
    """Whether an expression holds: a single value that is not false counts as true; None where it gives nothing."""
    ask = _question(tree)
    if ask is not None:
        return ask
    run = nodes_of(tree)

    def truth(this: Nodes, scope: Scope) -> bool | None:
        found = run(this, scope)
        if len(found) == 1:
            return found[0].value is not False
        if found:
            raise PathError("path: several values stand where one true or false is meant")
        return None

    return truth


def _answered(ask: Ask) -> Run:
    answers: dict[bool | None, list[Node]] = {True: [Node(True, "boolean")], False: [Node(False, "boolean")], None: []}
    return lambda this, scope: answers[ask(this, scope)]


def _question(tree: Tree) -> Ask | None:
    """The function of an expression that gives true, false or nothing; None for any other."""
    match tree:
        case Binary("and" | "or" | "xor" | "implies" as operator, left, right):
            return _logic(operator, truth_of(left), truth_of(right))
        case Binary("in", wanted, listed) | Binary("contains", listed, wanted) if start := start_of(listed):
            return _found_among(nodes_of(listed), start, nodes_of(wanted))
        case Binary("=" | "!=" | "~" | "!~" | "<" | ">" | "<=" | ">=" | "in" | "contains" as operator, left, right):
            return _compared(operator, nodes_of(left), nodes_of(right))
        case Typed("is", operand, kind):
            return _is(nodes_of(operand), known_type(kind))
        case Dot(base, Call("exists", ())):
            run = nodes_of(base)
            return lambda this, scope: bool(run(this, scope))
        case Dot(base, Call("empty", ())):
            run = nodes_of(base)
            return lambda this, scope: not run(this, scope)
        case Dot(base, Call("not", ())):
            return _not(truth_of(base))
        case Dot(base, Call("is", (argument,))):
            return _is(nodes_of(base), known_type(type_of(argument)))
        case Call("exists", ()):
            return lambda this, _: bool(this)
        case Call("empty", ()):
            return lambda this, _: not this
    return None


def _logic(operator: str, left: Ask, right: Ask) -> Ask:
    """The three-valued operators; the second side is not asked where the first decides."""

    def both(this: Nodes, scope: Scope) -> bool | None:
        a = left(this, scope)
        if a is False:
            return False
        b = right(this, scope)
        return False if b is False else (None if a is None or b is None else True)

    def either(this: Nodes, scope: Scope) -> bool | None:
        a = left(this, scope)
        if a:
            return True
        b = right(this, scope)
        return True if b else (None if a is None or b is None else False)

    def implied(this: Nodes, scope: Scope) -> bool | None:
        a = left(this, scope)
        if a is False:
            return True
        b = right(this, scope)
        return True if b else (None if a is None else b)

    def different(this: Nodes, scope: Scope) -> bool | None:
        a, b = left(this, scope), right(this, scope)
        return None if a is None or b is None else a is not b

    return {"and": both, "or": either, "implies": implied, "xor": different}[operator]


def _not(ask: Ask) -> Ask:
    def negated(this: Nodes, scope: Scope) -> bool | None:
        answer = ask(this, scope)
        return None if answer is None else not answer

    return negated


def _is_in(nodes: Nodes, wanted: Nodes) -> bool | None:
    return _is_among(Values(nodes), wanted)


def _is_among(known: Values, wanted: Nodes) -> bool | None:
    if len(wanted) > 1:
        raise PathError("path: one value is looked for in a collection, not several")
    return wanted[0] in known if wanted else None


def _found_among(run: Run, start: Start, wanted: Run) -> Ask:
    """Whether a value is in a collection that is the same for each ``$this``."""
    key = object()

    def ask(this: Nodes, scope: Scope) -> bool | None:
        kept = scope.of_resource if start == "resource" else scope.of_context
        known: Values | None = kept.get(key)
        if known is None:
            known = kept[key] = Values(run(this, scope))
        return _is_among(known, wanted(this, scope))

    return ask


_COMPARISONS: dict[str, Callable[[Nodes, Nodes], bool | None]] = {
    "=": equal,
    "!=": lambda a, b: None if (same := equal(a, b)) is None else not same,
    "~": equivalent,
    "!~": lambda a, b: not equivalent(a, b),
    "<": lambda a, b: None if (sign := order(a, b)) is None else sign < 0,
    ">": lambda a, b: None if (sign := order(a, b)) is None else sign > 0,
    "<=": lambda a, b: None if (sign := order(a, b)) is None else sign <= 0,
    ">=": lambda a, b: None if (sign := order(a, b)) is None else sign >= 0,
    "in": lambda a, b: _is_in(b, a),
    "contains": _is_in,
}


def _compared(operator: str, left: Run, right: Run) -> Ask:
    compare = _COMPARISONS[operator]
    return lambda this, scope: compare(left(this, scope), right(this, scope))


def _is(run: Run, kind: str) -> Ask:
    def ask(this: Nodes, scope: Scope) -> bool | None:
        found = run(this, scope)
        if len(found) > 1:
            raise PathError("path: 'is' stands on several values; take the first, or use where()")
        return is_kind(found[0].kind, kind) if found else None

    return ask


def _of_type(run: Run, kind: str) -> Run:
    """The nodes of a type; plain values of just this type, so that ``as(uri)`` and ``as(canonical)`` do not overlap."""
    if is_primitive(kind):
        return lambda this, scope: [node for node in run(this, scope) if node.kind == kind]
    return lambda this, scope: [node for node in run(this, scope) if is_kind(node.kind, kind)]


def _named(text: str) -> Run:
    """A member of ``$this``, or ``$this`` itself where its type is named."""
    if text[:1].isupper():
        return lambda this, _: [node for node in this if is_kind(node.kind, text)]
    return lambda this, _: members(this, text)


def _variable(name: str) -> Run:
    if name == "$this":
        return lambda this, _: list(this)
    if name == "$index":
        return lambda _, scope: [Node(scope.index, "integer")]
    if name in _ROOTS:
        return lambda _, scope: [scope.resource]
    if name == "context":
        return lambda _, scope: [scope.context]
    if name in _ADDRESSES:
        address = [Node(_ADDRESSES[name], "string")]
        return lambda _, __: address
    raise PathError(f"path: the variable '{name}' is not known")


def _called(base: Run, name: str, arguments: tuple[Tree, ...]) -> Run:
    """A function on what ``base`` gives."""
    if name in ("as", "ofType") and len(arguments) == 1:
        return _of_type(base, known_type(type_of(arguments[0])))
    if name == "resolve" and not arguments:
        return lambda this, scope: resolved(base(this, scope), scope.resource.value, scope.resolver, scope.of_resource)
    if name in LAMBDAS and LAMBDAS[name].fewest <= len(arguments) <= LAMBDAS[name].most:
        return LAMBDAS[name].made(base, [Argument(truth_of(one), nodes_of(one)) for one in arguments])
    function = FUNCTIONS.get(name)
    if function is None or not function.fewest <= len(arguments) <= function.most:
        raise PathError(f"path: the function {name}() with {len(arguments)} arguments is not supported")
    call, runs = function.call, [nodes_of(one) for one in arguments]
    if not runs:
        return lambda this, scope: call(base(this, scope))
    return lambda this, scope: call(base(this, scope), *[run(this, scope) for run in runs])


def _signed(operator: str, run: Run) -> Run:
    def signed(this: Nodes, scope: Scope) -> list[Node]:
        value = one(found := run(this, scope))
        if value is None:
            return []
        if not is_number(value):
            raise PathError("path: a sign stands before something that is no number")
        return [Node(-value if operator == "-" else value, found[0].kind)]

    return signed


def _joined(operator: str, left: Run, right: Run) -> Run:
    if operator == "|":
        return lambda this, scope: distinct([*left(this, scope), *right(this, scope)])
    if operator == "[":
        return lambda this, scope: _at(left(this, scope), one(right(this, scope)))
    return lambda this, scope: _calculated(operator, left(this, scope), right(this, scope))


def _at(nodes: Nodes, place: Any) -> list[Node]:
    if not isinstance(place, int):
        raise PathError("path: a place in a collection is a whole number")
    return list(nodes[place : place + 1]) if place >= 0 else []


def _calculated(operator: str, left: Nodes, right: Nodes) -> list[Node]:
    a, b = one(left), one(right)
    if operator == "&":
        return [Node(f"{as_text(a) or ''}{as_text(b) or ''}", "string")]
    if a is None or b is None:
        return []
    if operator == "+" and isinstance(a, str) and isinstance(b, str):
        return [Node(a + b, "string")]
    if not is_number(a) or not is_number(b):
        raise PathError(f"path: '{operator}' is supported between numbers only")
    return _number(operator, exact(a), exact(b))


def _number(operator: str, a: Decimal | int, b: Decimal | int) -> list[Node]:
    if operator in ("/", "div", "mod") and not b:
        return []
    if operator == "/":
        return [Node(Decimal(a) / Decimal(b), "decimal")]
    if operator == "div":
        return [Node(int(Decimal(a) / Decimal(b)), "integer")]
    if operator == "mod":
        rest = Decimal(a) % Decimal(b)
        return [Node(int(rest), "integer") if isinstance(a, int) and isinstance(b, int) else Node(rest, "decimal")]
    value: Decimal | int = a + b if operator == "+" else a - b if operator == "-" else a * b
    return [Node(value, "integer" if isinstance(value, int) else "decimal")]
