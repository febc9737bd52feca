# /// script
# requires-python = ">=3.10"
# dependencies = ["torch>=2.2", "numpy>=1.26", "pandas>=2.1", "onnx>=1.16", "onnxruntime>=1.18"]
# ///
"""Train the gas turbine's models on 2011 and 2012, choose on 2013, report 2014 last.

    python strategies/gas-turbine/train.py [FOLDER_WITH_gt_2011.csv_TO_gt_2014.csv]

Data: UCI Machine Learning Repository 551, DOI 10.24432/C5WC95 (see README.md). One thread and a
fixed seed: the same data and library versions give the same weights.

What 2013 decided: small networks; CO through exp() inside the network with the Poisson deviance, as
its tail is heavy and least squares on it, or on its logarithm, misses the mean or goes below zero;
NOx and CO without AFDP, which steps when a filter is changed and made both drift further.
"""

import json
import pathlib
import sys
import time

import numpy as np
import onnxruntime
import pandas as pd
import torch
from torch import nn

SEED = 551
HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE / "../../../shared/data/gas-turbine"
TRAINING, VALIDATION, UNSEEN = (2011, 2012), 2013, 2014

OPERATIVE = ["TIT", "TAT", "CDP", "GTEP"]
AMBIENT = ["AT", "AP", "AH"]

MODELS = {
    "energy": dict(output="TEY", name="Energy_yield", inputs=[*AMBIENT, "AFDP", *OPERATIVE],
                   layers=[16], dropout=0.0, decay=0.01, link="identity"),
    "co": dict(output="CO", name="CO_emission", inputs=[*AMBIENT, *OPERATIVE],
               layers=[32, 16], dropout=0.1, decay=0.1, link="exp"),
    "nox": dict(output="NOX", name="NOX_emission", inputs=[*AMBIENT, *OPERATIVE],
                layers=[32, 16], dropout=0.1, decay=0.1, link="identity"),
}
EPOCHS, BATCH, RATE = 20, 256, 3e-3
# The distribution's ellipsoid reaches as far out as the furthest hour of the training years.


class Turbine(nn.Module):
    def __init__(self, model):
        super().__init__()
        width, steps = len(model["inputs"]), []
        for layer in model["layers"]:
            steps += [nn.Linear(width, layer), nn.Tanh()]
            steps += [nn.Dropout(model["dropout"])] if model["dropout"] else []
            width = layer
        self.network = nn.Sequential(*steps, nn.Linear(width, 1))
        self.positive = model["link"] == "exp"

    def forward(self, x):
        y = self.network(x)
        return torch.exp(y) if self.positive else y

    def loss(self, x, y):
        z = self.network(x)
        return (torch.exp(z) - y * z).mean() if self.positive else nn.functional.mse_loss(z, y)


def year(folder, number):
    return pd.read_csv(pathlib.Path(folder) / f"gt_{number}.csv")


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [rounded(entry) for entry in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def scaler_of(x, y, model):
    mean, covariance = x.mean(axis=0), np.cov(x, rowvar=False)
    away = x - mean
    distance = np.sqrt(np.einsum("ij,jk,ik->i", away, np.linalg.inv(covariance), away))
    # A positive output is only divided, so that exp() stays above zero after unscaling.
    centre, spread = (0.0, y.mean()) if model["link"] == "exp" else (y.mean(), y.std())
    return rounded({
        "inputs": {"kind": "standard", "mean": mean.tolist(), "scale": x.std(axis=0).tolist()},
        "outputs": {"kind": "standard", "mean": [float(centre)], "scale": [float(spread)]},
        "names": {"inputs": model["inputs"], "outputs": [model["name"]]},
        "trained_range": {"inputs": [[float(low), float(high)] for low, high in
                                     zip(x.min(axis=0), x.max(axis=0))]},
        "distribution": {"mean": mean.tolist(), "covariance": covariance.tolist(),
                         "radius": float(distance.max())},
    })


def train(x, y, model):
    torch.manual_seed(SEED)
    network = Turbine(model)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=model["decay"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=RATE, total_steps=EPOCHS * (len(x) // BATCH))
    for _ in range(EPOCHS):
        order = torch.randperm(len(x))
        for start in range(0, len(x) - BATCH + 1, BATCH):
            chosen = order[start:start + BATCH]
            loss = network.loss(x[chosen], y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def to_scaled(x, scaler):
    return ((x - np.array(scaler["mean"])) / np.array(scaler["scale"])).astype(np.float32)


def predict(session, scaler, data):
    x = to_scaled(data[scaler["names"]["inputs"]].to_numpy(), scaler["inputs"])
    z = session.run(None, {"inputs": x})[0][:, 0].astype(float)
    return z * scaler["outputs"]["scale"][0] + scaler["outputs"]["mean"][0]


def with_bias(predicted, truth, weight):
    """As the cycle does: hour by hour, the filtered difference of the hours before is added."""
    bias, corrected = 0.0, np.empty(len(predicted))
    for hour in range(len(predicted)):
        corrected[hour] = predicted[hour] + bias
        bias += weight * (truth[hour] - predicted[hour] - bias)
    return corrected


def figures(predicted, truth):
    error = predicted - truth
    r2 = 1 - (error ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
    return f"{np.abs(error).mean():.3f} | {r2:.3f} | {error.mean():+.3f}"


def main(folder):
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    training = pd.concat([year(folder, number) for number in TRAINING])
    (HERE / "models").mkdir(exist_ok=True)
    (HERE / "scalers").mkdir(exist_ok=True)
    print(f"seed {SEED}, {len(training)} training rows, torch {torch.__version__}")
    made = {}
    for name, model in MODELS.items():
        began = time.monotonic()
        x, y = training[model["inputs"]].to_numpy(), training[model["output"]].to_numpy()
        scaler = scaler_of(x, y, model)
        inputs = torch.from_numpy(to_scaled(x, scaler["inputs"]))
        target = torch.from_numpy(to_scaled(y[:, None], scaler["outputs"]))
        network = train(inputs, target, model)
        path = HERE / "models" / f"{name}.onnx"
        torch.onnx.export(
            network, (inputs[:2],), str(path), dynamo=False, opset_version=17,
            input_names=["inputs"], output_names=["outputs"],
            dynamic_axes={"inputs": {0: "batch"}, "outputs": {0: "batch"}},
        )
        (HERE / "scalers" / f"{name}.json").write_text(json.dumps(scaler) + "\n")
        made[name] = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]), scaler
        print(f"{name}: {time.monotonic() - began:.1f} s, {path.stat().st_size} bytes")

    # The unseen year is read only now, when nothing is left to choose.
    print("| year | output | MAE | R2 | mean error | with bias: MAE | R2 | mean error |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for title, data in (("2011-2012 (training)", training),
                        (f"{VALIDATION} (validation)", year(folder, VALIDATION)),
                        (f"{UNSEEN} (unseen)", year(folder, UNSEEN))):
        for name, model in MODELS.items():
            predicted, truth = predict(*made[name], data), data[model["output"]].to_numpy()
            print(f"| {title} | {model['output']} | {figures(predicted, truth)} "
                  f"| {figures(with_bias(predicted, truth, 0.3), truth)} |")
    unseen = year(folder, UNSEEN)
    for name, (_, scaler) in made.items():
        x = unseen[scaler["names"]["inputs"]].to_numpy()
        away = x - np.array(scaler["distribution"]["mean"])
        inverse = np.linalg.inv(np.array(scaler["distribution"]["covariance"]))
        distance = np.sqrt(np.einsum("ij,jk,ik->i", away, inverse, away))
        low, high = np.array(scaler["trained_range"]["inputs"]).T
        print(f"{name}: {100 * (distance <= scaler['distribution']['radius']).mean():.2f} % of "
              f"{UNSEEN} inside the ellipsoid (radius {scaler['distribution']['radius']:.3f}), "
              f"{100 * ((x >= low) & (x <= high)).all(axis=1).mean():.2f} % inside the ranges")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else FOLDER)
