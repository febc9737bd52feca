/** Every operator that an optimizer can use, by domain, and why others cannot be. */

import { ARITHMETIC } from "./arithmetic.ts";
import { ATTENTION } from "./attention.ts";
import { BLOCKS } from "./blocks.ts";
import { CHOICES } from "./choices.ts";
import { CONSTANTS } from "./constants.ts";
import { CONTROL_FLOW } from "./control_flow.ts";
import { CONVOLUTION } from "./convolution.ts";
import { CUMULATIVE } from "./cumulative.ts";
import { DETERMINANT } from "./determinant.ts";
import { DISTANCES } from "./distances.ts";
import { ELEMENTWISE } from "./elementwise.ts";
import { FUSED } from "./fused.ts";
import { INDEXING } from "./indexing.ts";
import { LAYOUT } from "./layout.ts";
import { LINEAR } from "./linear.ts";
import { MACHINE_LEARNING } from "./machine_learning.ts";
import { NORMALISATION } from "./normalisation.ts";
import type { OperatorTable } from "./operator.ts";
import { PADDING } from "./padding.ts";
import { ML_PIECES, PIECES } from "./pieces.ts";
import { POOLING } from "./pooling.ts";
import { QUANTISED } from "./quantised.ts";
import { RECURRENT_OPERATORS } from "./recurrent.ts";
import { REDUCTION_OPERATORS } from "./reductions.ts";
import { RESIZE } from "./resize.ts";
import { SCAN } from "./scan.ts";
import { SEQUENCES } from "./sequences.ts";
import { SUPPORT_VECTORS } from "./support_vectors.ts";

/** One operator set: its rows and the newest version whose definitions they follow. */
export interface OperatorSet {
  readonly newest: number;
  readonly operators: OperatorTable;
}

/** The versions are those that ONNX Runtime 1.30 runs. */
export const OPERATOR_SETS: Readonly<Record<string, OperatorSet>> = {
  "ai.onnx": {
    newest: 26,
    operators: {
      ...LINEAR,
      ...DETERMINANT,
      ...ARITHMETIC,
      ...ELEMENTWISE,
      ...CHOICES,
      ...REDUCTION_OPERATORS,
      ...NORMALISATION,
      ...ATTENTION,
      ...CONVOLUTION,
      ...POOLING,
      ...RECURRENT_OPERATORS,
      ...LAYOUT,
      ...PIECES,
      ...INDEXING,
      ...BLOCKS,
      ...CUMULATIVE,
      ...PADDING,
      ...SEQUENCES,
      ...CONSTANTS,
      ...QUANTISED,
      ...RESIZE,
      ...SCAN,
      ...CONTROL_FLOW,
    },
  },
  "ai.onnx.ml": {
    newest: 5,
    operators: { ...MACHINE_LEARNING, ...SUPPORT_VECTORS, ...ML_PIECES },
  },
  "com.microsoft": { newest: 1, operators: { ...DISTANCES, ...FUSED } },
};

/** What is known about operators that are refused on purpose. */
export interface Refusal {
  readonly reason: string;
  readonly cure: string;
}

const TREES: Refusal = {
  reason: "trees are piecewise constant and have no derivative",
  cure:
    "use the model in a prediction skill, or train a smooth one (network, SVR, Gaussian process)",
};
const CLASSES: Refusal = {
  reason: "it chooses between classes, and a choice has no derivative",
  cure: "use the model in a prediction skill, or train a regression",
};
const CATEGORIES: Refusal = {
  reason: "it turns numbers or words into classes, and a class has no derivative",
  cure: "encode classes before the model, as inputs of 0 and 1, or use it in a prediction skill",
};
const PICKS: Refusal = {
  reason: "it picks the nearest, the largest or the smallest, and the pick jumps",
  cure:
    "use the model in a prediction skill, or train a smooth one (network, SVR, Gaussian process)",
};
const RANDOM: Refusal = {
  reason: "it draws random numbers",
  cure: "export the model in evaluation mode",
};
const ROUNDED: Refusal = {
  reason: "it rounds to small integers, and steps have no derivative",
  cure: "export the model without quantisation, or use it in a prediction skill",
};
const TRAINING: Refusal = {
  reason: "it is of training: a loss, a gradient or a step of an optimiser",
  cure: "export the trained model alone",
};
const TEXT: Refusal = {
  reason: "it works on text, which is no input of a regression",
  cure: "use the model in a prediction skill, or turn text into numbers before it",
};
const LISTS: Refusal = {
  reason: "it works on lists of tensors, or on a tensor that may be missing",
  cure: "export the model with plain tensors, for inputs of one fixed shape",
};
const PICTURES: Refusal = {
  reason: "it works on pictures, boxes or sound",
  cure: "use the model in a prediction skill",
};
const BITS: Refusal = {
  reason: "it works on the bits of integers, which have no derivative",
  cure: "use the model in a prediction skill",
};
const COUNTED: Refusal = {
  reason: "how many numbers it gives depends on their values",
  cure: "use the model in a prediction skill",
};

function refused(refusal: Refusal, operators: readonly string[]): Record<string, Refusal> {
  return Object.fromEntries(operators.map((name) => [name, refusal]));
}

/** By operator name, whatever its domain. */
export const REFUSALS: Readonly<Record<string, Refusal>> = {
  ...refused(TREES, ["TreeEnsemble", "TreeEnsembleRegressor", "TreeEnsembleClassifier"]),
  ...refused(CLASSES, ["LinearClassifier", "SVMClassifier", "ZipMap", "Binarizer"]),
  ...refused(CATEGORIES, ["OneHotEncoder", "LabelEncoder", "CategoryMapper"]),
  ...refused(CLASSES, ["ArgMax", "ArgMin", "Hardmax"]),
  ...refused(PICKS, ["TopK"]),
  ...refused(RANDOM, ["RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"]),
  ...refused(RANDOM, ["Bernoulli", "Multinomial"]),
  ...refused(ROUNDED, ["QuantizeLinear", "DynamicQuantizeLinear", "QLinearConv", "QLinearMatMul"]),
  ...refused(ROUNDED, ["ConvInteger", "MatMulInteger"]),
  ...refused(TRAINING, ["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"]),
  ...refused(TRAINING, ["Gradient", "Adagrad", "Adam", "Momentum"]),
  ...refused(TEXT, ["StringConcat", "StringNormalizer", "StringSplit", "RegexFullMatch"]),
  ...refused(TEXT, ["TfIdfVectorizer", "DictVectorizer", "CastMap"]),
  ...refused(LISTS, ["SequenceMap", "Optional", "OptionalGetElement", "OptionalHasElement"]),
  ...refused(PICTURES, ["ImageDecoder", "AffineGrid", "GridSample", "CenterCropPad", "Col2Im"]),
  ...refused(PICTURES, ["DeformConv", "MaxRoiPool", "RoiAlign", "MaxUnpool", "NonMaxSuppression"]),
  ...refused(PICTURES, [
    "DFT",
    "STFT",
    "MelWeightMatrix",
    "HannWindow",
    "HammingWindow",
    "BlackmanWindow",
  ]),
  ...refused(BITS, ["BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor"]),
  ...refused(COUNTED, ["Unique"]),
};
