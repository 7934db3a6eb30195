"""How far each of several published models explains this patient's levels: weights by which their answers are averaged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nof1.response.fit import Fit


def weights(fits: Sequence[Fit], beforehand: Sequence[float]) -> list[float]:
    """Posterior probabilities of the models, ``beforehand`` as likely as that: by the evidence of the levels.

    Where the evidence of one is not known (its posterior came from chains), or there are no levels, all count alike.
    """
    if not fits:
        return []
    evidence = np.array([item.posterior.log_evidence for item in fits])
    if not np.isfinite(evidence).all():
        evidence = np.zeros(len(fits))
    share = np.exp(evidence - evidence.max()) * np.array(beforehand)
    return [float(value) for value in share / share.sum()]
