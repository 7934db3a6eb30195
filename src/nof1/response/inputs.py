"""Input into a disposition: what one unit given in some way leaves of one exponential, ``hours`` after the dose.

Each function is the convolution of the input rate with ``exp(-rate t)``, in closed form, and 0 before the dose. With an
``interval`` the same dose has been given at every multiple of it before, for ever: ``hours`` from 0 down lie in that train.
All hold for complex arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.response.exponentials import DRAWN, NEAR

Values = NDArray[Any]
_TERMS = 160  # of the series for transit compartments, enough below _LARGE
_LARGE = 45.0
_TRAINS = 4000  # earlier doses that are added one by one, at most, until the rest is an exponential


def bolus(rate: Values, hours: Values, interval: Values | None = None) -> Values:
    """All at once."""
    return _after(hours, np.exp(-rate * _since(hours, interval)) * _repeated(rate, interval), interval)


def infusion(rate: Values, hours: Values, duration: Values, interval: Values | None = None) -> Values:
    """At a constant rate over ``duration`` hours, in which one unit is given."""
    if interval is not None:
        return np.asarray(_pulse(rate, _since(hours, interval), duration, interval) / (rate * duration))
    since = _since(hours)
    during = np.where(np.real(since) < np.real(duration), since, duration)
    return _after(hours, np.exp(-rate * (since - during)) * _mean_decay(rate * during) * during / duration)


def first_order(rate: Values, hours: Values, ka: Values, interval: Values | None = None) -> Values:
    """Through a depot that empties with the rate constant ``ka``."""
    if interval is not None:
        return _apart(lambda k: _steady_difference(rate, k, _since(hours, interval), interval), rate, ka)
    since = _since(hours)
    swap = np.real(ka) < np.real(rate)
    slow, fast = np.where(swap, ka, rate), np.where(swap, rate, ka)
    return _after(hours, ka * np.exp(-slow * since) * since * _mean_decay((fast - slow) * since))


def zero_first(rate: Values, hours: Values, ka: Values, duration: Values, interval: Values | None = None) -> Values:
    """At a constant rate over ``duration`` into a depot that empties with ``ka``."""
    since = _since(hours, interval)

    def of(k: Values) -> Values:
        kept = _pulse(rate, since, duration, interval) * k / rate - _pulse(k, since, duration, interval)
        return np.asarray(kept / ((k - rate) * duration))

    return _after(hours, _apart(of, rate, ka), interval)


def transit(
    rate: Values, hours: Values, ktr: Values, transits: int, ka: Values | None = None, interval: Values | None = None
) -> Values:
    """Through ``transits`` compartments that each empty with ``ktr``, and then a depot where ``ka`` is given."""
    if interval is not None:
        slowest = rate if ka is None else np.where(np.real(ka) < np.real(rate), ka, rate)
        return _trains(lambda later: transit(rate, later, ktr, transits, ka), hours, interval, slowest)
    since = _since(hours)
    if ka is None:
        return _after(hours, _erlang(rate, since, ktr, transits))
    return _after(
        hours,
        _apart(
            lambda k: k * (_erlang(rate, since, ktr, transits) - _erlang(k, since, ktr, transits)) / (k - rate), rate, ka
        ),
    )


def bolus_area(rate: Values, hours: Values) -> Values:
    """The area under ``bolus`` from the dose to ``hours``."""
    return _after(hours, _since(hours) * _mean_decay(rate * _since(hours)))


def infusion_area(rate: Values, hours: Values, duration: Values) -> Values:
    """The area under ``infusion`` from the dose to ``hours``."""
    since = _since(hours)
    during = np.where(np.real(since) < np.real(duration), since, duration)
    later = since - during
    first = during + np.expm1(-rate * during) / rate
    rest = np.expm1(-rate * duration) * np.expm1(-rate * later) / rate
    return _after(hours, (first + rest) / (rate * duration))


def first_order_area(rate: Values, hours: Values, ka: Values) -> Values:
    """The area under ``first_order`` from the dose to ``hours``."""
    since = _since(hours)
    return _after(
        hours,
        _apart(lambda k: (np.expm1(-k * since) - k * np.expm1(-rate * since) / rate) / (k - rate), rate, ka),
    )


def _since(hours: Values, interval: Values | None = None) -> Values:
    """Hours since the last dose: 0 before the first one, or since the one before it in a train without beginning."""
    if interval is None:
        return np.where(np.real(hours) > 0, hours, 0)
    return np.asarray(hours + interval * np.maximum(np.floor(-np.real(hours) / interval) + 1, 0))


def _after(hours: Values, value: Values, interval: Values | None = None) -> Values:
    return np.where(np.real(hours) > 0, value, 0) if interval is None else np.asarray(value)


def _repeated(rate: Values, interval: Values | None) -> Values | float:
    """The sum of ``exp(-rate k interval)`` over all k from 0."""
    return 1.0 if interval is None else -1 / np.expm1(-rate * interval)


def _pulse(rate: Values, since: Values, duration: Values, interval: Values | None) -> Values:
    """``rate`` times what pulses of ``duration``, of height one, have left ``since`` the last one began."""
    if interval is None:
        return _one_pulse(rate, since, duration)
    running = max(1, int(np.ceil(np.max(np.real(duration) / interval) - 1e-9)))  # that may not have ended yet
    own = sum(_one_pulse(rate, since + number * interval, duration) for number in range(running))
    ended = np.exp(-rate * (since + running * interval - duration))
    return np.asarray(own + ended * np.expm1(-rate * duration) / np.expm1(-rate * interval))


def _one_pulse(rate: Values, since: Values, duration: Values) -> Values:
    during = np.where(np.real(since) < np.real(duration), since, duration)
    return np.asarray(-np.exp(-rate * (since - during)) * np.expm1(-rate * during))


def _mean_decay(x: Values) -> Values:
    """``(1 - exp(-x)) / x``, 1 at 0."""
    small = np.abs(np.real(x)) < 1e-12
    return np.where(small, 1 - x / 2, -np.expm1(-x) / np.where(small, 1, x))


def _steady_difference(rate: Values, ka: Values, since: Values, interval: Values) -> Values:
    slow = np.exp(-rate * since) * _repeated(rate, interval)
    return np.asarray(ka * (slow - np.exp(-ka * since) * _repeated(ka, interval)) / (ka - rate))


def _apart(of: Callable[[Values], Values], rate: Values, ka: Values) -> Values:
    """``of(ka)``; where ``ka`` is too near ``rate`` for a difference, extrapolated from values on either side."""
    near = np.abs(np.real(ka - rate)) < NEAR * np.abs(np.real(rate))
    if not near.any():
        return of(ka + np.zeros_like(rate))
    return np.asarray(sum(weight * of(ka * (1 + np.where(near, gap, 0.0))) for gap, weight in DRAWN))


def _trains(of: Callable[[Values], Values], hours: Values, interval: Values, slowest: Values) -> Values:
    """``of`` of every dose of a train; once one is the one after it times the decay of an interval, the rest adds up."""
    since, decay = _since(hours, interval), np.exp(-slowest * interval)
    total = before = of(since)
    for number in range(1, _TRAINS):
        part = of(since + number * interval)
        total = total + part
        if not np.any(np.abs(part - before * decay) > 1e-14 * np.abs(total)):
            return np.asarray(total + part * decay / (1 - decay))
        before = part
    return total


def _erlang(rate: Values, since: Values, ktr: Values, transits: int) -> Values:
    """``ktr^n t^n exp(-ktr t) sum_m x^m / (m + n)!`` with ``x = (ktr - rate) t``, by whichever form keeps its digits."""
    x = (ktr - rate) * since
    size = np.real(x)
    scale = np.where(np.real(since) > 0, since, 1)
    front = np.exp(transits * np.log(ktr * scale) - ktr * since)
    capped = np.where(np.abs(size) > _LARGE, 0, x)
    is_up = size >= 0
    up = _up(np.where(is_up, capped, 0), transits) if is_up.any() else 0
    down = np.exp(capped) * _down(np.where(is_up, 0, -capped), transits) if not is_up.all() else 0
    series = np.where(is_up, up, down)
    if not np.any(np.abs(size) > _LARGE):
        return np.asarray(front * series)
    return np.where(np.abs(size) > _LARGE, _erlang_far(rate, since, ktr, transits, x), front * series)


def _up(x: Values, transits: int) -> Values:
    term = np.ones_like(x) / _factorial(transits)
    total = term
    for m in range(1, _TERMS):
        term = term * x / (m + transits)
        total = total + term
        if _is_spent(term, total, m):
            break
    return total


def _down(x: Values, transits: int) -> Values:
    term = np.ones_like(x) / _factorial(transits - 1)
    total = term / transits
    for m in range(1, _TERMS):
        term = term * x / m
        total = total + term / (transits + m)
        if _is_spent(term, total, m):
            break
    return total


def _is_spent(term: Values, total: Values, number: int) -> bool:
    """Whether a series adds nothing any more; looked at now and then."""
    return number % 8 == 0 and not np.any(np.abs(np.real(term)) > 1e-18 * np.abs(np.real(total)))


def _erlang_far(rate: Values, since: Values, ktr: Values, transits: int, x: Values) -> Values:
    """The plain form, where nothing cancels any more."""
    far = np.where(np.abs(np.real(x)) > _LARGE, x, _LARGE)
    term = np.ones_like(far)
    total = term
    for k in range(1, transits):
        term = term * far / k
        total = total + term
    share = (ktr * since / far) ** transits
    return np.asarray(share * (np.exp(-rate * since) - np.exp(-ktr * since) * total))


def _factorial(number: int) -> float:
    return float(np.prod(np.arange(1, number + 1, dtype=float)))
