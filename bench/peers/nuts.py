"""The same two-compartment patient by NumPyro's NUTS: seconds of the first and of a later run, means and their errors.

python nuts.py CASE.json
"""

import json
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.diagnostics import effective_sample_size
from numpyro.infer import MCMC, NUTS

jax.config.update("jax_enable_x64", True)


def level(parameters, doses, times):
    """Concentrations in the central compartment after infusions (time, amount, duration)."""
    clearance, volume, other, between = parameters
    out, to, back = clearance / volume, between / volume, between / other
    total = out + to + back
    fast = (total + jnp.sqrt(total**2 - 4 * out * back)) / 2
    slow = out * back / fast
    share = (fast - back) / (fast - slow)
    found = 0.0
    for weight, rate in ((share, fast), (1 - share, slow)):
        for start, amount, duration in doses:
            since = jnp.maximum(times - start, 0.0)
            after = jnp.maximum(since - duration, 0.0)
            found += amount / duration / volume * weight / rate * (jnp.exp(-rate * after) - jnp.exp(-rate * since))
    return found


def model(case, times, seen):
    etas = numpyro.sample("etas", dist.MultivariateNormal(jnp.zeros(3), jnp.diag(jnp.array(case["variances"]))))
    clearance, volume, other = (value * jnp.exp(eta) for value, eta in zip(case["typical"], etas, strict=True))
    found = level((clearance, volume, other, case["between"]), case["doses"], times)
    sd = jnp.sqrt(case["additive"] ** 2 + (case["proportional"] * found) ** 2)
    numpyro.sample("levels", dist.Normal(found, sd), obs=seen)


def main():
    case = json.loads(sys.argv[1])
    times, seen = (jnp.array(column) for column in zip(*case["levels"], strict=True))
    sampler = MCMC(NUTS(model), num_warmup=500, num_samples=1000, progress_bar=False)
    seconds = []
    for number in range(3):
        started = time.perf_counter()
        sampler.run(jax.random.PRNGKey(number), case, times, seen)
        draws = np.asarray(sampler.get_samples(group_by_chain=True)["etas"])
        seconds.append(time.perf_counter() - started)
    count = effective_sample_size(draws)
    flat = draws.reshape(-1, 3)
    print(json.dumps({
        "first": seconds[0], "later": min(seconds[1:]), "means": flat.mean(axis=0).tolist(),
        "errors": (flat.std(axis=0) / np.sqrt(count)).tolist(), "effective": float(count.min()),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
