# /// script
# requires-python = ">=3.11"
# dependencies = ["casadi==3.8.2"]
# ///
"""CasADi's MX graph with its exact Hessian, solved by the IPOPT in its wheel: peer.py KILN.json ROUNDS."""

import ctypes
import glob
import os
import time

import kiln as bench

import casadi as ca

kiln = bench.read()
x, p = ca.MX.sym("x", kiln["nx"]), ca.MX.sym("p", kiln["np"])
y = []
for net in kiln["nets"]:
    a = ca.tanh(ca.DM(net["W1"]) @ ca.vertcat(x, p) + ca.DM(net["b1"]))
    b = ca.tanh(ca.DM(net["W2"]) @ a + ca.DM(net["b2"]))
    y.append(ca.DM(net["W3"]) @ b + ca.DM(net["b3"]))
objective = y[0] + 0.3 * y[1] ** 2 + 0.05 * ca.sumsqr(x - ca.DM(kiln["x0"]))
rows = ca.vertcat(*y[2:], x[1] * x[2] + ca.sin(x[3]), ca.sum1(x[0:6]))
lower, upper = bench.bounds(kiln)


def ipopt_version():
    """Of the library in the wheel, by its own C interface."""
    [path] = glob.glob(os.path.join(os.path.dirname(ca.__file__), "libipopt.so.3"))
    numbers = [ctypes.c_int() for _ in range(3)]
    ctypes.CDLL(path).GetIpoptVersion(*[ctypes.byref(number) for number in numbers])
    return ".".join(str(number.value) for number in numbers)


start = time.perf_counter()
solver = ca.nlpsol(
    "solver", "ipopt", {"x": x, "p": p, "f": objective, "g": rows},
    {"print_time": False, **{f"ipopt.{name}": value for name, value in bench.IPOPT_OPTIONS.items()}},
)
build_seconds = time.perf_counter() - start


def solve(parameters):
    end = solver(x0=kiln["x_start"], p=parameters, lbx=-1, ubx=1, lbg=lower, ubg=upper)
    stats = solver.stats()
    if not stats["success"]:
        raise SystemExit(f"CasADi: IPOPT ended with {stats['return_status']}")
    return float(end["f"]), stats["iter_count"]


bench.report(
    kiln,
    peer=f"CasADi {ca.__version__} MX, exact Hessian",
    ipopt=ipopt_version(),
    build_seconds=build_seconds,
    solve=solve,
)
