"""Concentrations worked out another way: one right-hand side, by matrix exponentials or LSODA of SciPy, event by event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import Input, Structure
from nof1.response.history import Dose

Engine = Literal["expm", "lsoda"]


@dataclass(frozen=True)
class Reference:
    """The amounts of a structure: the chain of each input, then central, peripherals, metabolite, area and states."""

    structure: Structure

    def chain(self, entry: Input) -> list[str]:
        """Rate constants of the compartments that an input passes."""
        return [entry.ktr] * (entry.transits if entry.kind == "transit" else 0) + ([entry.ka] if entry.ka else [])

    @property
    def starts(self) -> list[int]:
        """Where each input's chain begins; the last one is the central compartment."""
        lengths = [len(self.chain(entry)) for entry in self.structure.inputs]
        return [0, *np.cumsum(lengths).tolist()]

    @property
    def size(self) -> int:
        return self.starts[-1] + self.structure.compartments + 2 + len(self.structure.states)

    def rates(self, y: np.ndarray, values: Mapping[str, float]) -> np.ndarray:
        change, central = np.zeros(len(y)), self.starts[-1]
        for entry, start in zip(self.structure.inputs, self.starts, strict=False):
            names = self.chain(entry)
            for step, name in enumerate(names):
                moved = values[name] * y[start + step]
                change[start + step] -= moved
                change[start + step + 1 if step + 1 < len(names) else central] += moved
        c = y[central] / values["V"]
        gone = 0.0
        if self.structure.elimination != "michaelis_menten":
            gone += values["CL"] * c
        if self.structure.elimination != "linear":
            change[central] -= values["Vmax"] * c / (values["Km"] + c)
        change[central] -= gone
        for place, (clearance, volume) in enumerate((("Q", "V2"), ("Q3", "V3"))[: self.structure.compartments - 1], 1):
            moved = values[clearance] * (c - y[central + place] / values[volume])
            change[central] -= moved
            change[central + place] += moved
        other = central + self.structure.compartments
        if self.structure.metabolite:
            change[other] = values["fm"] * gone - values["CLm"] * y[other] / values["Vm"]
        change[other + 1] = c
        known = {**values, "c": c, **{state.name: y[other + 2 + n] for n, state in enumerate(self.structure.states)}}
        for moment in self.structure.moments:
            known[moment.name] = float(parse(moment.formula).evaluate(known))
        for number, state in enumerate(self.structure.states):
            change[other + 2 + number] = float(parse(state.rate).evaluate(known))
        return change

    def moving(self, poured: np.ndarray, values: Mapping[str, float], hours: float) -> np.ndarray:
        """What takes the amounts, and a 1 below them, over ``hours``."""
        matrix = np.zeros((self.size + 1,) * 2)
        matrix[:-1, :-1] = np.array([self.rates(row, values) for row in np.eye(self.size)]).T
        matrix[:-1, -1] = poured
        turned = _mirror(len(matrix))  # a triangular matrix with equal rates is what SciPy 1.17.1 gets wrong
        return turned @ expm(turned @ matrix @ turned * hours) @ turned

    def moved(
        self,
        y: np.ndarray,
        poured: np.ndarray,
        values: Mapping[str, float],
        hours: float,
        engine: Engine,
        kept: dict[Any, np.ndarray],
    ) -> Any:
        """The amounts after ``hours``; a step as long, with the same rates, was worked out once (``kept``)."""
        if engine == "expm":
            step = (id(values), poured.tobytes(), hours)
            if step not in kept:
                kept[step] = self.moving(poured, values, hours)
            return (kept[step] @ np.append(y, 1.0))[:-1]
        result = solve_ivp(
            lambda _, now: self.rates(now, values) + poured, (0, hours), y, "LSODA", rtol=1e-11, atol=1e-11, max_step=2.0
        )
        assert result.success
        return result.y[:, -1]

    def levels(
        self,
        segments: Sequence[tuple[float, Mapping[str, float]]],
        doses: Sequence[Dose],
        times: Sequence[float],
        engine: Engine,
        backward: bool = False,
    ) -> dict[str, np.ndarray]:
        """``segments``: until when which parameters hold. Values at ``times`` are those just before a dose then."""
        events = self._events(segments, doses, backward)
        stops = sorted({time for time, _, _ in events} | set(times) | {until for until, _ in segments[:-1]})
        y, poured, now = np.zeros(self.size), np.zeros(self.size), stops[0]
        other = self.starts[-1] + self.structure.compartments
        for number, state in enumerate(self.structure.states):
            y[other + 2 + number] = float(parse(state.start).evaluate(held(segments, now, backward)))
        seen, kept = {}, {}
        for stop in stops:
            if stop > now:
                y = self.moved(y, poured, held(segments, (now + stop) / 2, backward), stop - now, engine, kept)
            now = stop
            seen[stop] = (y.copy(), held(segments, stop, True))
            for time, jump, more in events:
                if time == stop:
                    y, poured = y + jump, poured + more
        rows = [seen[time] for time in times]
        found = {
            "c": np.array([row[self.starts[-1]] / values["V"] for row, values in rows]),
            "area": np.array([row[other + 1] for row, _ in rows]),
        }
        if self.structure.metabolite:
            found["cm"] = np.array([row[other] / values["Vm"] for row, values in rows])
        return found | {state.name: np.array([row[other + 2 + n] for row, _ in rows]) for n, state in
                        enumerate(self.structure.states)}  # fmt: skip

    def _events(self, segments: Any, doses: Sequence[Dose], backward: bool) -> list[tuple[float, np.ndarray, np.ndarray]]:
        made = []
        for dose in doses:
            for entry, start in zip(self.structure.inputs, self.starts, strict=False):
                if dose.route not in entry.routes:
                    continue
                values = held(segments, dose.time, backward)
                place = start if self.chain(entry) else self.starts[-1]
                share = values.get(entry.bioavailability, 1.0) * values.get(entry.fraction, 1.0)
                begin = dose.time + values.get(entry.lag, 0.0)
                lasting = dose.duration or values.get(entry.duration, 0.0)
                here, none = np.eye(self.size)[place] * dose.amount * share, np.zeros(self.size)
                if lasting:
                    made += [(begin, none, here / lasting), (begin + lasting, none, -here / lasting)]
                else:
                    made.append((begin, here, none))
        return made


def _mirror(size: int) -> np.ndarray:
    one = np.arange(1.0, size + 1)
    return np.eye(size) - 2 * np.outer(one, one) / (one @ one)


def held(segments: Sequence[tuple[float, Mapping[str, float]]], time: float, backward: bool) -> Mapping[str, float]:
    """What holds at ``time``; at a border the old values (``backward``) or the new ones."""
    return next(values for until, values in segments if time < until or (backward and time == until))
