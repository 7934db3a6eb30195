"""What the prefixes of dates and numbers mean, as conditions on the low and high ends of an index row."""

from __future__ import annotations

from nof1.fhir.query_tree import Moment, Number
from nof1.store.sql_text import Sql, sql


def at_moment(moment: Moment, column: str) -> Sql:
    """The condition of a prefix on a single moment."""
    a, b = moment.low, moment.high
    if moment.prefix in ("eq", "ap"):
        return sql(f"{column} >= ? AND {column} < ?", a, b)
    if moment.prefix == "ne":
        return sql(f"({column} < ? OR {column} >= ?)", a, b)
    sign, limit = {"gt": (">=", b), "sa": (">=", b), "ge": (">=", a), "lt": ("<", a), "eb": ("<", a), "le": ("<", b)}[
        moment.prefix
    ]
    return sql(f"{column} {sign} ?", limit)


def in_interval(moment: Moment) -> Sql:
    """The condition of a prefix on the interval of a row, both from ``low`` to before ``high``."""
    a, b = moment.low, moment.high
    return {
        "eq": lambda: sql("@.low >= ? AND @.low < ? AND @.high <= ?", a, b, b),
        "ne": lambda: sql("(@.low < ? OR @.high > ?)", a, b),
        "gt": lambda: sql("@.high > ?", b),
        "lt": lambda: sql("@.low < ?", a),
        "ge": lambda: sql("(@.high > ? OR @.low >= ?)", b, a),
        "le": lambda: sql("(@.low < ? OR @.high <= ?)", a, b),
        "sa": lambda: sql("@.low >= ?", b),
        "eb": lambda: sql("@.high <= ?", a),
        "ap": lambda: sql("@.low < ? AND @.high > ?", b, a),
    }[moment.prefix]()


def in_range(number: Number) -> Sql:
    """The condition of a prefix on the range of a row, both ends inclusive; < and > take the number as exact."""
    v, a, b = number.value, number.low, number.high
    return {
        "eq": lambda: sql("@.low >= ? AND @.low < ? AND @.high < ?", a, b, b),
        "ne": lambda: sql("(@.low < ? OR @.high >= ?)", a, b),
        "gt": lambda: sql("@.high > ?", v),
        "lt": lambda: sql("@.low < ?", v),
        "ge": lambda: sql("@.high >= ?", v),
        "le": lambda: sql("@.low <= ?", v),
        "sa": lambda: sql("@.low > ?", v),
        "eb": lambda: sql("@.high < ?", v),
        "ap": lambda: sql("@.low <= ? AND @.high >= ?", b, a),
    }[number.prefix]()
