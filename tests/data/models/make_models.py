# /// script
# requires-python = ">=3.11"
# dependencies = ["torch", "onnx", "onnxscript", "scikit-learn", "skl2onnx", "numpy"]
# ///
"""Trains and exports the small models beside this file, as data scientists do; one seed, no data.

What they predict has no meaning: they are here for the graphs that scikit-learn and PyTorch write.
"""
import pathlib
import warnings

import numpy as np
import onnx
import torch
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF, ConstantKernel, DotProduct, ExpSineSquared, Matern, RationalQuadratic, WhiteKernel,
)
from sklearn.linear_model import BayesianRidge, Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures, StandardScaler
from sklearn.svm import SVR, NuSVR

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(20)
X = rng.uniform(-2, 2, size=(40, 3))
Y = np.sin(X[:, 0]) + 0.3 * X[:, 1] ** 2 - 0.5 * X[:, 2]


def save_sklearn(name, model, double=False):
    model.fit(X, Y)
    kind = DoubleTensorType if double else FloatTensorType
    onx = to_onnx(model, initial_types=[("x", kind([None, 3]))], target_opset={"": 18, "ai.onnx.ml": 3})
    (HERE / f"sklearn_{name}.onnx").write_bytes(onx.SerializeToString())


def gp(kernel):
    return GaussianProcessRegressor(kernel, alpha=1e-2, optimizer=None, normalize_y=True)


for name, kernel in {
    "rbf": ConstantKernel(2.0) * RBF([0.8, 1.3, 2.0]) + WhiteKernel(0.1),
    "matern_05": Matern(1.5, nu=0.5),
    "matern_15": Matern(1.5, nu=1.5),
    "rational": RationalQuadratic(1.2, 0.7),
    "periodic": ExpSineSquared(1.5, 5.0) + RBF(1.0),
    "dot": DotProduct(1.0) + RBF(2.0),
}.items():
    save_sklearn(f"gp_{name}", gp(kernel), double=True)
save_sklearn("gp_rbf_float", gp(RBF(1.5)))
save_sklearn("svr_rbf", make_pipeline(StandardScaler(), SVR(kernel="rbf", C=3)))
save_sklearn("svr_poly", make_pipeline(MinMaxScaler(), SVR(kernel="poly", degree=3)))
save_sklearn("nusvr_sigmoid", make_pipeline(StandardScaler(), NuSVR(kernel="sigmoid", gamma=0.1)))
for activation in ["relu", "tanh", "logistic"]:
    save_sklearn(f"mlp_{activation}", make_pipeline(
        StandardScaler(), MLPRegressor(hidden_layer_sizes=(8, 6), activation=activation, max_iter=300, random_state=1)))
save_sklearn("polynomial", make_pipeline(PolynomialFeatures(2), Ridge()))
save_sklearn("pca", make_pipeline(StandardScaler(), PCA(2), BayesianRidge()))
save_sklearn("pls", PLSRegression(2))
save_sklearn("boosted", make_pipeline(StandardScaler(), GradientBoostingRegressor(n_estimators=4, random_state=1)))


def save_torch(name, model, example, dynamo=True, opset=20, scripted_opset=17):
    model.eval()
    path = HERE / f"torch_{name}.onnx"
    if dynamo:
        torch.onnx.export(model, (example,), path, dynamo=True, opset_version=opset, external_data=False,
                          input_names=["x"], output_names=["y"], dynamic_shapes=None, verbose=False)
    else:
        torch.onnx.export(model, (example,), path, dynamo=False, opset_version=scripted_opset,
                          input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}})
    onx = onnx.load(path)
    for node in onx.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    del onx.graph.value_info[:]
    path.write_bytes(onx.SerializeToString())


class Window(torch.nn.Module):
    """A recurrent layer over a fixed window, then a linear head on the last step."""

    def __init__(self, cell, **more):
        super().__init__()
        self.cell = cell(3, 5, batch_first=True, **more)
        self.head = torch.nn.Linear(5 * (2 if more.get("bidirectional") else 1), 2)

    def forward(self, x):
        y, _ = self.cell(x)
        return self.head(y[:, -1])


class Residual(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(4, 8)
        self.inner = torch.nn.Sequential(torch.nn.LayerNorm(8), torch.nn.Linear(8, 16), torch.nn.SiLU(),
                                         torch.nn.Dropout(0.2), torch.nn.Linear(16, 8))
        self.last = torch.nn.Linear(8, 2)

    def forward(self, x):
        h = torch.nn.functional.gelu(self.first(x))
        return self.last(torch.nn.functional.mish(h + self.inner(h)))


torch.manual_seed(3)
window = torch.randn(1, 6, 3)
for dynamo in [True, False]:
    tail = "" if dynamo else "_scripted"
    save_torch(f"lstm{tail}", Window(torch.nn.LSTM), window, dynamo)
    save_torch(f"gru{tail}", Window(torch.nn.GRU, num_layers=2), window, dynamo)
    save_torch(f"rnn{tail}", Window(torch.nn.RNN, bidirectional=True), window, dynamo)
    save_torch(f"residual{tail}", Residual(), torch.randn(1, 4), dynamo)
    save_torch(f"convolution{tail}", torch.nn.Sequential(
        torch.nn.Conv1d(2, 4, 3, padding=1), torch.nn.BatchNorm1d(4), torch.nn.ELU(),
        torch.nn.AvgPool1d(2), torch.nn.Conv1d(4, 3, 2, stride=2), torch.nn.Tanh(),
        torch.nn.Flatten(), torch.nn.Linear(6, 1)), torch.randn(1, 2, 8), dynamo)
    save_torch(f"attention{tail}", torch.nn.Sequential(
        torch.nn.TransformerEncoderLayer(4, 2, 8, batch_first=True, activation="gelu"),
        torch.nn.Flatten(), torch.nn.Linear(12, 1)), torch.randn(1, 3, 4), dynamo)
