"""What long work shows on a terminal; nothing when standard error is a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_WIDTH = 30


def tell(text: str) -> None:
    """Print ``text`` while work goes on; a reader who has closed the pipe stops the words and not the work."""
    try:
        click.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def counting(label: str) -> Iterator[Callable[[int], None]]:
    """A running count of unknown length; yields the function that adds to it."""
    count = 0

    def add(number: int) -> None:
        nonlocal count
        count += number
        if sys.stderr.isatty():
            print(f"\r{label} {count:,}", end="", file=sys.stderr, flush=True)

    yield add
    if count and sys.stderr.isatty():
        print(file=sys.stderr)


@contextmanager
def steps(label: str, length: int) -> Iterator[Callable[[str], None]]:
    """A bar of ``length`` steps; yields the function that is told the name of each finished step."""
    done = 0

    def step(name: str) -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            filled = _WIDTH * done // max(length, 1)
            bar = "#" * filled + "-" * (_WIDTH - filled)
            print(f"\r{label} [{bar}] {done}/{length} {name:<12}", end="", file=sys.stderr, flush=True)

    yield step
    if done and sys.stderr.isatty():
        print(file=sys.stderr)


@contextmanager
def amount(label: str, whole: int) -> Iterator[Callable[[int], None]]:
    """A bar of work whose size is known; yields the function that is told how much of the present file is done."""
    before, last = 0, 0

    def told(now: int) -> None:
        nonlocal before, last
        before, last = (before + last, now) if now < last else (before, now)
        if sys.stderr.isatty():
            share = min((before + now) / max(whole, 1), 1.0)
            filled = int(_WIDTH * share)
            print(f"\r{label} [{'#' * filled}{'-' * (_WIDTH - filled)}] {share:4.0%}", end="", file=sys.stderr, flush=True)

    yield told
    if last and sys.stderr.isatty():
        print(file=sys.stderr)
