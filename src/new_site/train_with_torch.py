# /// script
# requires-python = ">=3.10"
# dependencies = ["torch>=2.2", "onnx>=1.16", "onnxruntime>=1.18", "pandas>=2.1", "numpy>=1.26"]
# ///
"""Train a network on plant data with PyTorch: models/response.onnx and scalers/response.json.

    python train_with_torch.py [FILE.csv]           # without: data/plant.csv beside this script

The rows are taken in their order: the last fifth is kept out and tells how good the model is. One
thread and a fixed seed: the same data and library versions give the same weights.
"""

import json
import pathlib
import sys
import warnings

import numpy as np
import onnxruntime
import pandas as pd
import torch
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
INPUTS = ["@INPUTS@"]       # the columns that the model reads: settings, then values
MEASURED = ["@MEASURED@"]   # the columns that it learns
OUTPUTS = ["@OUTPUTS@"]     # what the strategy calls its predictions, in the same order
SEED, HIDDEN, DECAY, ITERATIONS = 1, 16, 1e-4, 400


def scaling(values):
    spread = values.std(axis=0)
    # A column that never changed in training stays as it is.
    return {"kind": "standard", "mean": values.mean(axis=0).tolist(), "scale": np.where(spread > 0, spread, 1).tolist()}


def scaled(values, by):
    return ((values - np.array(by["mean"])) / np.array(by["scale"])).astype(np.float32)


def train(x, y):
    torch.manual_seed(SEED)
    # tanh is smooth: the optimiser uses second derivatives.
    network = nn.Sequential(
        nn.Linear(x.shape[1], HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, y.shape[1]),
    ).double()
    x, y = torch.from_numpy(x).double(), torch.from_numpy(y).double()
    optimizer = torch.optim.LBFGS(network.parameters(), max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        weights = sum((p ** 2).sum() for p in network.parameters() if p.dim() > 1)
        value = nn.functional.mse_loss(network(x), y) + DECAY * weights
        value.backward()
        return value

    optimizer.step(loss)
    return network.float().eval()


def main(file):
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    rows = pd.read_csv(file)[INPUTS + MEASURED].dropna()
    kept_out = len(rows) // 5
    training, unseen = rows[:-kept_out], rows[-kept_out:]
    x, y = training[INPUTS].to_numpy(), training[MEASURED].to_numpy()
    scaler = {
        "inputs": scaling(x),
        "outputs": scaling(y),
        "names": {"inputs": INPUTS, "outputs": OUTPUTS},
        # The optimiser stays inside (domain: keep).
        "trained_range": {"inputs": [[float(low), float(high)] for low, high in zip(x.min(axis=0), x.max(axis=0))]},
    }
    network = train(scaled(x, scaler["inputs"]), scaled(y, scaler["outputs"]))

    (HERE / "models").mkdir(exist_ok=True)
    (HERE / "scalers").mkdir(exist_ok=True)
    # The exporter that writes plain operators and needs no further package; torch calls it legacy.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    torch.onnx.export(
        network, (torch.zeros(2, len(INPUTS)),), str(HERE / "models/response.onnx"), dynamo=False,
        opset_version=17, input_names=["inputs"], output_names=["outputs"],
        dynamic_axes={"inputs": {0: "batch"}, "outputs": {0: "batch"}},
    )
    (HERE / "scalers/response.json").write_text(json.dumps(scaler) + "\n")

    # Judged as a box will use it: by ONNX Runtime, from the file.
    session = onnxruntime.InferenceSession(str(HERE / "models/response.onnx"), providers=["CPUExecutionProvider"])
    answer = session.run(None, {"inputs": scaled(unseen[INPUTS].to_numpy(), scaler["inputs"])})[0]
    predicted = answer * np.array(scaler["outputs"]["scale"]) + np.array(scaler["outputs"]["mean"])
    print(f"trained on {len(training)} rows with PyTorch; on the {len(unseen)} kept out:")
    for i, name in enumerate(MEASURED):
        error = predicted[:, i] - unseen[name].to_numpy()
        r2 = 1 - (error ** 2).sum() / ((unseen[name] - unseen[name].mean()) ** 2).sum()
        print(f"  {name}: mean absolute error {np.abs(error).mean():.3g}, R2 {r2:.3f}")
    print("wrote models/response.onnx, scalers/response.json")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else HERE / "data/plant.csv")
