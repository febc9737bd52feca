/** Why a model or a test of others may be refused: purposes that no smooth regression model has. */

import type { LoweringError } from "../../src/model/lower.ts";

export const STEPS = "steps have no slope that an optimizer could follow";
export const TEXT = "text, or numbers of 4 or 8 bits, are no input of a regression";
export const TREES = "trees have no derivative; they run in prediction skills";
export const TRAINING = "statistics of a training batch; a trained model is exported for inference";

/** The purposes by the words of the refusal. */
const PURPOSES: readonly (readonly [RegExp, string])[] = [
  [/piecewise constant, so|chooses between classes|with a remainder|and the pick jumps/, STEPS],
  [/turns numbers or words into classes/, STEPS],
  [/rounds to small integers|works on the bits of integers/, STEPS],
  [/how many numbers it gives depends on their values/, STEPS],
  [/of type string|of type other|of no stated shape|works on text/, TEXT],
  [
    /works on lists of tensors|is a list of tensors/,
    "lists of tensors are no input of a regression",
  ],
  [/works on pictures, boxes or sound/, "pictures and sound are no input of a regression"],
  [/trees are piecewise/, TREES],
  [/in training mode|draws random/, TRAINING],
  [/it is of training/, "a loss or a step of training; a trained model is exported for inference"],
  [/it casts /, "a cast to integers has no slope"],
  [/are too many|too large for an optimizer/, "a model for pictures, not for a plant"],
  [/indices are used as a second output/, "the place of a maximum has no slope"],
];

/** The purpose that every problem of a refusal is about; undefined where one is not known. */
export function purposeOf({ problems }: LoweringError): string | undefined {
  const purposes = problems.map(({ reason }) =>
    PURPOSES.find(([words]) => words.test(reason))?.[1]
  );
  return purposes.includes(undefined) ? undefined : purposes[0];
}
