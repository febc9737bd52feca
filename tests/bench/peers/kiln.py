"""The reference problems of ../shared/bench and the measuring loop that all peers share."""

import json
import os
import statistics
import sys
import time

# One thread, as ours; set before NumPy or XLA load.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

IPOPT_OPTIONS = {"print_level": 0, "sb": "yes", "tol": 1e-8, "linear_solver": "mumps"}
INFINITY = 2e19
WARM_UP = 5


def read():
    """The problem whose file is the first argument."""
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


def bounds(kiln):
    """Lower and upper bounds of the rows: the outputs from the third on, then the two formulas."""
    limits = kiln["limits"]
    lower = [-INFINITY if v is None else v for v in limits["y_lo"][2:]]
    upper = [INFINITY if v is None else v for v in limits["y_hi"][2:]]
    return lower + [-INFINITY, limits["alg1_eq"]], upper + [limits["alg0_hi"], limits["alg1_eq"]]


def report(kiln, *, peer, ipopt, build_seconds, solve):
    """
    Times solve(p) -> (objective, iterations) over the drifting parameter sets, as many rounds as the
    second argument says; prints one JSON line. Every answer must be the reference's.
    """
    rounds = int(sys.argv[2])
    sets = list(zip(kiln["perturbed_p"], kiln["perturbed_objective"]))
    for p, _ in sets[:WARM_UP]:
        solve(p)
    times, iterations, worst = [], [], 0.0
    for _ in range(rounds):
        for p, reference in sets:
            start = time.perf_counter()
            objective, count = solve(p)
            times.append(1e3 * (time.perf_counter() - start))
            iterations.append(count)
            worst = max(worst, abs(objective - reference))
    if worst > 1e-6:
        sys.exit(f"{peer}: an objective differs from the reference by {worst}")
    print(json.dumps({
        "peer": peer,
        "ipopt": ipopt,
        "build_seconds": round(build_seconds, 1),
        "ms": statistics.median(times),
        "iterations": statistics.median(iterations),
        "worst": worst,
    }))
