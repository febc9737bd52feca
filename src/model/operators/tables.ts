/** Every operator that an optimizer can use, by domain, and why others cannot be. */

import { ARITHMETIC } from "./arithmetic.ts";
import { CHOICES } from "./choices.ts";
import { CONSTANTS } from "./constants.ts";
import { CONVOLUTION } from "./convolution.ts";
import { DISTANCES } from "./distances.ts";
import { ELEMENTWISE } from "./elementwise.ts";
import { LAYOUT } from "./layout.ts";
import { LINEAR } from "./linear.ts";
import { MACHINE_LEARNING } from "./machine_learning.ts";
import { NORMALISATION } from "./normalisation.ts";
import type { OperatorTable } from "./operator.ts";
import { PADDING } from "./padding.ts";
import { ML_PIECES, PIECES } from "./pieces.ts";
import { RECURRENT_OPERATORS } from "./recurrent.ts";
import { REDUCTION_OPERATORS } from "./reductions.ts";
import { SCAN } from "./scan.ts";
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
      ...ARITHMETIC,
      ...ELEMENTWISE,
      ...CHOICES,
      ...REDUCTION_OPERATORS,
      ...NORMALISATION,
      ...CONVOLUTION,
      ...RECURRENT_OPERATORS,
      ...LAYOUT,
      ...PIECES,
      ...PADDING,
      ...CONSTANTS,
      ...SCAN,
    },
  },
  "ai.onnx.ml": {
    newest: 5,
    operators: { ...MACHINE_LEARNING, ...SUPPORT_VECTORS, ...ML_PIECES },
  },
  "com.microsoft": { newest: 1, operators: DISTANCES },
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
const RANDOM: Refusal = {
  reason: "it draws random numbers",
  cure: "export the model in evaluation mode",
};
const CONTROL: Refusal = {
  reason: "it runs one of several subgraphs, or one of them many times",
  cure: "export the model without control flow, for inputs of one fixed shape",
};

/** By operator name, whatever its domain. */
export const REFUSALS: Readonly<Record<string, Refusal>> = {
  TreeEnsemble: TREES,
  TreeEnsembleRegressor: TREES,
  TreeEnsembleClassifier: TREES,
  LinearClassifier: CLASSES,
  SVMClassifier: CLASSES,
  ZipMap: CLASSES,
  LabelEncoder: CLASSES,
  OneHotEncoder: CLASSES,
  CategoryMapper: CLASSES,
  Binarizer: CLASSES,
  ArgMax: CLASSES,
  ArgMin: CLASSES,
  TopK: CLASSES,
  Hardmax: CLASSES,
  RandomNormal: RANDOM,
  RandomNormalLike: RANDOM,
  RandomUniform: RANDOM,
  RandomUniformLike: RANDOM,
  Bernoulli: RANDOM,
  Multinomial: RANDOM,
  If: CONTROL,
  Loop: CONTROL,
};
