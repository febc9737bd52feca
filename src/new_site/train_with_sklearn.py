# /// script
# requires-python = ">=3.10"
# dependencies = ["scikit-learn>=1.4", "skl2onnx>=1.17", "onnxruntime>=1.18", "pandas>=2.1"]
# ///
"""Train a network on plant data with scikit-learn: models/response.onnx and scalers/response.json.

    python train_with_sklearn.py [FILE.csv]         # without: data/plant.csv beside this script

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
from skl2onnx import to_onnx
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

HERE = pathlib.Path(__file__).resolve().parent
INPUTS = ["@INPUTS@"]       # the columns that the model reads: settings, then values
MEASURED = ["@MEASURED@"]   # the columns that it learns
OUTPUTS = ["@OUTPUTS@"]     # what the strategy calls its predictions, in the same order
SEED, HIDDEN, DECAY, ITERATIONS = 1, (16, 16), 1e-2, 300


def scaling(values):
    spread = values.std(axis=0)
    # A column that never changed in training stays as it is.
    return {"kind": "standard", "mean": values.mean(axis=0).tolist(), "scale": np.where(spread > 0, spread, 1).tolist()}


def scaled(values, by):
    return ((values - np.array(by["mean"])) / np.array(by["scale"])).astype(np.float32)


def main(file):
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
    # tanh is smooth: the optimiser uses second derivatives.
    network = MLPRegressor(
        hidden_layer_sizes=HIDDEN, activation="tanh", solver="lbfgs", alpha=DECAY * len(x) / 1000,
        max_iter=ITERATIONS, random_state=SEED,
    )
    targets = scaled(y, scaler["outputs"]).astype(float)
    # Stopping before the last digit is meant; threads cost more than they give at this size.
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    with threadpool_limits(1):
        network.fit(scaled(x, scaler["inputs"]).astype(float), targets[:, 0] if len(MEASURED) == 1 else targets)

    (HERE / "models").mkdir(exist_ok=True)
    (HERE / "scalers").mkdir(exist_ok=True)
    model = to_onnx(network, np.zeros((1, len(INPUTS)), np.float32), target_opset=17)
    (HERE / "models/response.onnx").write_bytes(model.SerializeToString())
    (HERE / "scalers/response.json").write_text(json.dumps(scaler) + "\n")

    # Judged as a box will use it: by ONNX Runtime, from the file.
    session = onnxruntime.InferenceSession(str(HERE / "models/response.onnx"), providers=["CPUExecutionProvider"])
    fed = {session.get_inputs()[0].name: scaled(unseen[INPUTS].to_numpy(), scaler["inputs"])}
    answer = session.run(None, fed)[0].reshape(len(unseen), len(MEASURED))
    predicted = answer * np.array(scaler["outputs"]["scale"]) + np.array(scaler["outputs"]["mean"])
    print(f"trained on {len(training)} rows with scikit-learn; on the {len(unseen)} kept out:")
    for i, name in enumerate(MEASURED):
        error = predicted[:, i] - unseen[name].to_numpy()
        r2 = 1 - (error ** 2).sum() / ((unseen[name] - unseen[name].mean()) ** 2).sum()
        print(f"  {name}: mean absolute error {np.abs(error).mean():.3g}, R2 {r2:.3f}")
    print("wrote models/response.onnx, scalers/response.json")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else HERE / "data/plant.csv")
