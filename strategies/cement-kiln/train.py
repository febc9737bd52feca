# /// script
# requires-python = ">=3.10"
# dependencies = ["torch>=2.2", "numpy>=1.26", "pandas>=2.1", "onnx>=1.16", "onnxruntime>=1.18"]
# ///
"""Train the kiln's models on experiments from its simulator, write ONNX and scaler files.

    deno run --allow-write strategies/cement-kiln/generate_data.ts experiments.csv
    python strategies/cement-kiln/train.py experiments.csv

Networks: Linear, BatchNorm1d, GELU and Dropout, two or three hidden layers. One thread and fixed
seeds: the same data and library versions give the same weights. Every fifth pair is held out.
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

SEED = 20260101
HERE = pathlib.Path(__file__).resolve().parent

FEED_1, FEED_2 = "Kiln_Feed_SFF_1_Feed_rate", "Kiln_Feed_SFF_2_Feed_rate"
COMMON = ["Kiln_Coal_PV", "Calciner_temperature_PV", "PH_Fan_Speed_PV"]
RECUPERATION = [f"Cooler_Fan_{fan}_Flow" for fan in ("A", "2", "3")]
FANS = [f"Cooler_Fan_{fan}_Flow" for fan in ("A", "2", "3", "4", "5", "6", "7", "8", "9")]
LAB = ["LAB_Coal_Heat_Value", "LAB_Raw_Meal_LSF"]

# Name: kind, inputs (the order of the skill's `inputs`), measured outputs, layers, epochs.
# Opset 20 has Gelu as one operator; 17 writes it out with Erf. Sites have both.
MODELS = {
    "burning": dict(
        kind="absolute",
        inputs=["combined_feed", *COMMON, "Kiln_Drive_Speed_PV", "Under_grate_Average_Pressure",
                *RECUPERATION, *LAB],
        outputs=["LAB_Free_lime", "Kiln_Drive_Current"],
        names=["Predicted_Free_lime", "Predicted_Drive_Current"],
        layers=[48, 32], opset=20, epochs=30,
    ),
    "combustion": dict(
        kind="absolute",
        inputs=["combined_feed", *COMMON, "Kiln_Drive_Speed_PV", "Under_grate_Average_Pressure",
                "recuperation_air", LAB[0]],
        outputs=["Calciner_outlet_CO", "Kiln_Inlet_NOX"],
        names=["Predicted_Calciner_CO", "Predicted_NOX"],
        layers=[48, 32, 16], opset=17, epochs=30,
    ),
    "calciner_coal": dict(
        kind="absolute",
        inputs=["combined_feed", *COMMON, "Under_grate_Average_Pressure", "recuperation_air",
                LAB[0]],
        outputs=["Calciner_Coal_PV"],
        names=["Predicted_Calciner_Coal"],
        layers=[24, 16], opset=20, epochs=25,
    ),
    "cooler": dict(
        kind="delta",
        inputs=[FEED_1, FEED_2, "Kiln_Coal_PV", "Calciner_temperature_PV",
                "Under_grate_Average_Pressure", *FANS],
        outputs=["Clinker_temperature"],
        names=["Predicted_Clinker_temperature"],
        layers=[32, 16], opset=20, epochs=30,
    ),
}


class Scaled(nn.Module):
    """A network between scaled inputs and scaled outputs."""

    def __init__(self, inputs, layers, outputs, dropout=0.005):
        super().__init__()
        steps = []
        for width in layers:
            steps += [nn.Linear(inputs, width), nn.BatchNorm1d(width), nn.GELU(), nn.Dropout(dropout)]
            inputs = width
        self.network = nn.Sequential(*steps, nn.Linear(inputs, outputs))

    def forward(self, x):
        return self.network(x)


def columns(data, names):
    return np.stack([data[name].to_numpy() for name in names], axis=1)


def calculated(data):
    data["combined_feed"] = data[FEED_1] + data[FEED_2]
    data["recuperation_air"] = data[RECUPERATION].sum(axis=1)
    return data


def rows_of(data, model):
    """Inputs and outputs by row, and which rows are held out."""
    held_out = (data["pair"] % 5 == 4).to_numpy()
    x, y = columns(data, model["inputs"]), columns(data, model["outputs"])
    if model["kind"] == "absolute":
        return x, y, held_out
    base, moved = (data["step"] == 0).to_numpy(), (data["step"] == 1).to_numpy()
    # Both directions: going back undoes the change.
    dx, dy = x[moved] - x[base], y[moved] - y[base]
    half = held_out[base]
    return np.concatenate([dx, -dx]), np.concatenate([dy, -dy]), np.concatenate([half, half])


def standard(values):
    return {"kind": "standard", "mean": values.mean(axis=0).tolist(),
            "scale": values.std(axis=0).tolist()}


def scaled(values, scaler):
    return ((values - np.array(scaler["mean"])) / np.array(scaler["scale"])).astype(np.float32)


def rounded(value):
    """Seven digits are float32's own: more would only make the files long."""
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [rounded(entry) for entry in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def train(x, y, model, seed):
    torch.manual_seed(seed)
    network = Scaled(x.shape[1], model["layers"], y.shape[1])
    optimizer = torch.optim.AdamW(network.parameters(), lr=4e-3, weight_decay=1e-4)
    batch = 256
    steps = model["epochs"] * (len(x) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=8e-3, total_steps=steps)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(model["epochs"]):
        order = torch.randperm(len(x))
        for start in range(0, len(x) - batch + 1, batch):
            chosen = order[start:start + batch]
            loss = nn.functional.mse_loss(network(inputs[chosen]), targets[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    # Dropout's noise biases the batch statistics: take them once more without it.
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(module, nn.BatchNorm1d):
            module.reset_running_stats()
            module.momentum = None
    with torch.no_grad():
        network(inputs)
    return network.eval()


def export(network, model, path):
    example = torch.zeros(2, len(model["inputs"]))
    torch.onnx.export(
        network, (example,), str(path), dynamo=False, opset_version=model["opset"],
        input_names=["inputs"], output_names=["outputs"],
        dynamic_axes={"inputs": {0: "batch"}, "outputs": {0: "batch"}},
    )


def main(csv):
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    data = calculated(pd.read_csv(csv))
    (HERE / "models").mkdir(exist_ok=True)
    (HERE / "scalers").mkdir(exist_ok=True)
    print(f"seed {SEED}, {len(data)} rows, torch {torch.__version__}")
    print("| model | output | hold-out MAE | RMSE | R2 | bytes | training s |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for number, (name, model) in enumerate(MODELS.items()):
        began = time.monotonic()
        x, y, held_out = rows_of(data, model)
        scaler = rounded({
            "inputs": standard(x[~held_out]), "outputs": standard(y[~held_out]),
            "names": {"inputs": model["inputs"], "outputs": model["names"]},
            "trained_range": {"inputs": [[float(low), float(high)] for low, high in
                                         zip(x[~held_out].min(axis=0), x[~held_out].max(axis=0))]},
        })
        if model["kind"] == "delta":
            # No change in, no change out: the mean of the changes is noise, not knowledge.
            for side in ("inputs", "outputs"):
                scaler[side]["mean"] = [0.0] * len(scaler[side]["mean"])
        network = train(scaled(x[~held_out], scaler["inputs"]),
                        scaled(y[~held_out], scaler["outputs"]), model, SEED + number)
        path = HERE / "models" / f"{name}.onnx"
        export(network, model, path)
        (HERE / "scalers" / f"{name}.json").write_text(json.dumps(scaler, indent=1) + "\n")
        seconds = time.monotonic() - began
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        z = session.run(None, {"inputs": scaled(x[held_out], scaler["inputs"])})[0]
        predicted = z * np.array(scaler["outputs"]["scale"]) + np.array(scaler["outputs"]["mean"])
        error = predicted - y[held_out]
        for output, title in enumerate(model["names"]):
            e, truth = error[:, output], y[held_out][:, output]
            r2 = 1 - (e ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
            print(f"| {name} | {title} | {np.abs(e).mean():.4g} | {np.sqrt((e ** 2).mean()):.4g} "
                  f"| {r2:.4f} | {path.stat().st_size} | {seconds:.1f} |")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: train.py EXPERIMENTS.csv")
    main(sys.argv[1])
