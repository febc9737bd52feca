# /// script
# requires-python = ">=3.11"
# dependencies = ["jax==0.10.2", "numpy==2.4.6", "cyipopt-wheels==1.7.0.dev0"]
# ///
"""
JAX, compiled, with the exact Hessian, solved by IPOPT through cyipopt: peer.py KILN.json ROUNDS.

cyipopt comes from wheels that hold IPOPT and MUMPS: the package of that name has none, and built
from source it would take the system's IPOPT, which is 3.11 on Debian 12.
"""

import time

import kiln as bench

import cyipopt
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

kiln = bench.read()
nets = [{name: jnp.array(value) for name, value in net.items()} for net in kiln["nets"]]
x0 = jnp.array(kiln["x0"])
nx, rows = kiln["nx"], len(nets)


def outputs(x, p):
    z = jnp.concatenate([x, p])
    result = []
    for net in nets:
        a = jnp.tanh(net["W1"] @ z + net["b1"])
        b = jnp.tanh(net["W2"] @ a + net["b2"])
        result.append((net["W3"] @ b + net["b3"])[0])
    return jnp.stack(result)


def both(x, p):
    """The objective, then the rows."""
    y = outputs(x, p)
    objective = y[0] + 0.3 * y[1] ** 2 + 0.05 * jnp.sum((x - x0) ** 2)
    formulas = jnp.stack([x[1] * x[2] + jnp.sin(x[3]), jnp.sum(x[:6])])
    return jnp.concatenate([objective[None], y[2:], formulas])


values = jax.jit(both)
first = jax.jit(jax.jacrev(both))
second = jax.jit(jax.hessian(lambda x, p, weights: weights @ both(x, p)))


class Problem:
    """What cyipopt calls; values and first derivatives are computed once per point."""

    def __init__(self):
        self.iterations = 0
        self.set([0.0] * len(kiln["p"]))
        self.lower = np.tril_indices(nx)

    def set(self, p):
        self.p = np.array(p)
        self.at = self.first_at = None

    def both(self, x):
        if self.at is None or not np.array_equal(x, self.at):
            self.at = x.copy()
            self.known = np.asarray(values(x, self.p))
        return self.known

    def derivatives(self, x):
        if self.first_at is None or not np.array_equal(x, self.first_at):
            self.first_at = x.copy()
            self.first = np.asarray(first(x, self.p))
        return self.first

    def objective(self, x):
        return self.both(x)[0]

    def constraints(self, x):
        return self.both(x)[1:]

    def gradient(self, x):
        return self.derivatives(x)[0]

    def jacobian(self, x):
        return self.derivatives(x)[1:].ravel()

    def hessianstructure(self):
        return self.lower

    def hessian(self, x, multipliers, objective_factor):
        weights = np.concatenate([[objective_factor], multipliers])
        return np.asarray(second(x, self.p, weights))[self.lower]

    def intermediate(self, _mode, iteration, *_):
        self.iterations = iteration
        return True


start = time.perf_counter()
problem = Problem()
lower, upper = bench.bounds(kiln)
solver = cyipopt.Problem(
    n=nx, m=rows, problem_obj=problem, lb=-np.ones(nx), ub=np.ones(nx), cl=lower, cu=upper
)
for name, value in bench.IPOPT_OPTIONS.items():
    solver.add_option(name, value)
x_start = np.array(kiln["x_start"])


def solve(p):
    problem.set(p)
    _, info = solver.solve(x_start)
    if info["status"] != 0:
        raise SystemExit(f"JAX: IPOPT ended with {info['status_msg']}")
    return info["obj_val"], problem.iterations


solve(kiln["p"])
bench.report(
    kiln,
    peer=f"JAX {jax.__version__} jit, exact Hessian",
    ipopt=".".join(str(part) for part in cyipopt.IPOPT_VERSION),
    build_seconds=time.perf_counter() - start,
    solve=solve,
)
