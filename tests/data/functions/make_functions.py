# /// script
# dependencies = ["mpmath"]
# ///
"""Writes functions.json beside this file: every sigma with both derivatives from mpmath, 60 digits.

Each row: [name, [c0, c1], x, value, first, second]. Points avoid kinks, which a test names itself.
"""
import json
import pathlib
import mpmath as mp

mp.mp.dps = 60
S = lambda x: 1 / (1 + mp.exp(-x))
SP = lambda x: mp.log1p(mp.exp(x))
ALL = [-30, -8.25, -3.5, -1.75, -0.5, -0.001, 0.001, 0.3, 1.2, 2.75, 6.5, 11, 36, 300]
SMALL = [-3.5, -1.75, -0.5, -0.001, 0.001, 0.3, 1.2, 2.75, 6.5]
POSITIVE = [0.001, 0.3, 1.2, 2.75, 36, 300]
UNIT = [-0.99, -0.5, -0.001, 0.001, 0.3, 0.875]
K = mp.sqrt(2 / mp.pi)

ROWS = [
    ("tanh", (), mp.tanh, ALL), ("sigmoid", (), S, ALL), ("relu", (), lambda x: max(x, mp.mpf(0)), ALL),
    ("leaky_relu", (0.1,), lambda x: x if x > 0 else mp.mpf(0.1) * x, ALL),
    ("elu", (1.5,), lambda x: x if x > 0 else mp.mpf(1.5) * mp.expm1(x), ALL),
    ("celu", (0.7,), lambda x: x if x > 0 else mp.mpf(0.7) * mp.expm1(x / mp.mpf(0.7)), ALL),
    ("softplus", (), SP, ALL),
    ("gelu", (), lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2, ALL),
    ("gelu_tanh", (), lambda x: x / 2 * (1 + mp.tanh(K * (x + mp.mpf(0.044715) * x**3))), ALL),
    ("erf", (), mp.erf, ALL), ("exp", (), mp.exp, ALL), ("log", (), mp.log, POSITIVE),
    ("sqrt", (), mp.sqrt, POSITIVE), ("reciprocal", (), lambda x: 1 / x, ALL),
    ("power", (3,), lambda x: x**3, ALL), ("power", (1.7,), lambda x: x**mp.mpf(1.7), POSITIVE),
    ("power", (-2,), lambda x: x**-2, SMALL), ("power", (1,), lambda x: x, SMALL),
    ("power", (0,), lambda x: x**0, SMALL),
    ("sin", (), mp.sin, SMALL), ("cos", (), mp.cos, SMALL), ("tan", (), mp.tan, SMALL),
    ("atan", (), mp.atan, ALL), ("sinh", (), mp.sinh, SMALL), ("cosh", (), mp.cosh, SMALL),
    ("abs", (), abs, ALL), ("square", (), lambda x: x * x, ALL),
    ("softsign", (), lambda x: x / (1 + abs(x)), ALL),
    ("swish", (1.7,), lambda x: x * S(mp.mpf(1.7) * x), ALL), ("swish", (1,), lambda x: x * S(x), ALL),
    ("mish", (), lambda x: x * mp.tanh(SP(x)), ALL),
    ("clip", (-1, 2), lambda x: min(max(x, mp.mpf(-1)), mp.mpf(2)), ALL),
    ("thresholded_relu", (0.5,), lambda x: x if x > mp.mpf(0.5) else mp.mpf(0), ALL),
    ("asin", (), mp.asin, UNIT), ("acos", (), mp.acos, UNIT), ("asinh", (), mp.asinh, ALL),
    ("acosh", (), mp.acosh, [1.001, 1.2, 2.75, 36, 300]), ("atanh", (), mp.atanh, UNIT),
    ("sign", (), mp.sign, SMALL), ("step", (), lambda x: mp.mpf(1 if x > 0 else 0), SMALL),
    ("log1p", (), mp.log1p, [-0.99, -0.5, -0.001, 0.001, 0.3, 36]), ("expm1", (), mp.expm1, ALL),
    ("hard_swish", (), lambda x: x * max(mp.mpf(0), min(mp.mpf(1), x / 6 + mp.mpf(1) / 2)),
     [-8.25, -3.5, -1.75, 0.001, 1.2, 2.75, 6.5]),
]

out = []
for name, constants, f, points in ROWS:
    c = (list(constants) + [0, 0])[:2]
    for x in points:
        at = mp.mpf(x)
        out.append([name, c, x, *(float(mp.diff(f, at, n, h=mp.mpf(10) ** -15)) for n in (0, 1, 2))])
text = "[\n" + ",\n".join(json.dumps(row) for row in out) + "\n]\n"
pathlib.Path(__file__).with_name("functions.json").write_text(text)
