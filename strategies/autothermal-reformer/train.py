# /// script
# requires-python = ">=3.10"
# dependencies = ["torch>=2.2", "numpy>=1.26", "pandas>=2.1", "onnx>=1.16", "onnxruntime>=1.18"]
# ///
"""Train the reformer's network: two settings in, mole fractions of hydrogen and nitrogen out.

    python strategies/autothermal-reformer/train.py [FILE]

FILE is OMLT's reformer.csv (see README.md), 2,800 points of a simulated reformer. One thread, float64
and a fixed seed: the same data and library versions give the same weights. Every fifth point of the
grid is kept out of the training, to say how far the network is off between the points it knows.
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime
import pandas as pd
import torch
from torch import nn

SEED = 349
HERE = pathlib.Path(__file__).resolve().parent
FILE = HERE / "../../../shared/data/autothermal-reformer/reformer.csv"
INPUTS = {"Bypass Fraction": "Bypass_fraction", "NG Steam Ratio": "Steam_ratio"}
OUTPUTS = {"H2": "Hydrogen", "N2": "Nitrogen"}
LAYERS, ROUNDS = (12, 12), 400


def network():
    steps, width = [], len(INPUTS)
    for layer in LAYERS:
        steps += [nn.Linear(width, layer), nn.Tanh()]
        width = layer
    return nn.Sequential(*steps, nn.Linear(width, len(OUTPUTS))).double()


def train(x, y):
    """L-BFGS on all points at once: the data has no noise, so a quasi-Newton method may be exact."""
    torch.manual_seed(SEED)
    net = network()
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=ROUNDS, history_size=50,
                                  tolerance_grad=1e-9, tolerance_change=1e-12,
                                  line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = nn.functional.mse_loss(net(x), y)
        value.backward()
        return value

    optimizer.step(loss)
    return net.float().eval()


def rounded(values):
    return [float(f"{value:.9g}") for value in values]


def main(file):
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    data = pd.read_csv(file)
    x, y = data[list(INPUTS)].to_numpy(), data[list(OUTPUTS)].to_numpy()
    known = np.arange(len(x)) % 5 != 2
    scaler = {
        "inputs": {"kind": "standard", "mean": rounded(x.mean(axis=0)), "scale": rounded(x.std(axis=0))},
        "outputs": {"kind": "standard", "mean": rounded(y.mean(axis=0)), "scale": rounded(y.std(axis=0))},
        "names": {"inputs": list(INPUTS.values()), "outputs": list(OUTPUTS.values())},
        "trained_range": {"inputs": [rounded(pair) for pair in zip(x.min(axis=0), x.max(axis=0))]},
    }
    scaled = lambda values, side: ((values - np.array(scaler[side]["mean"]))
                                   / np.array(scaler[side]["scale"]))
    net = train(torch.from_numpy(scaled(x, "inputs")[known]), torch.from_numpy(scaled(y, "outputs")[known]))

    (HERE / "models").mkdir(exist_ok=True)
    (HERE / "scalers").mkdir(exist_ok=True)
    path = HERE / "models" / "reformer.onnx"
    torch.onnx.export(net, (torch.zeros(2, len(INPUTS)),), str(path), dynamo=False, opset_version=17,
                      input_names=["inputs"], output_names=["outputs"],
                      dynamic_axes={"inputs": {0: "batch"}, "outputs": {0: "batch"}})
    (HERE / "scalers" / "reformer.json").write_text(json.dumps(scaler) + "\n")

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    z = session.run(None, {"inputs": scaled(x, "inputs").astype(np.float32)})[0].astype(float)
    predicted = z * np.array(scaler["outputs"]["scale"]) + np.array(scaler["outputs"]["mean"])
    print(f"seed {SEED}, torch {torch.__version__}, {path.stat().st_size} bytes")
    for title, rows in ((f"{known.sum()} points trained on", known), (f"{(~known).sum()} kept out", ~known)):
        worst = np.abs(predicted - y)[rows].max(axis=0)
        for name, error in zip(OUTPUTS.values(), worst):
            print(f"{title}: {name} off by {error:.2e} at most (mole fraction)")
    allowed = data[data["N2"] <= 0.34]
    best = allowed.loc[allowed["H2"].idxmax()]
    print("best point of the grid:", ", ".join(f"{c} {best[c]:.5f}" for c in [*INPUTS, *OUTPUTS]))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else FILE)
