/** Rules inside one variable: its limits must fit each other. */

import type { Finding, Path } from "./finding.ts";
import type {
  InformativeVariable,
  OperativeVariable,
  PredictedVariable,
  Strategy,
} from "./strategy.ts";

/** What is wrong with variables, each on its own. */
export function checkVariables(strategy: Strategy): Finding[] {
  const findings: Finding[] = [];
  if (strategy.variables.size === 0) {
    findings.push({ path: ["variables"], onKey: true, message: "The strategy has no variables" });
  }
  for (const variable of strategy.variables.values()) {
    const path = ["variables", variable.name];
    if (variable.type === "operative") findings.push(...operativeRules(variable, path));
    if (variable.type === "operative" || variable.type === "informative") {
      findings.push(...liveValueRules(variable, path));
    }
    if (variable.type === "predicted") findings.push(...predictedRules(variable, path));
  }
  return findings;
}

/** Bounds further apart are no bounds, and sums of them would leave the range of numbers. */
const widest = 1e100;

function operativeRules(variable: OperativeVariable, path: Path): Finding[] {
  const findings: Finding[] = [];
  const [lower, upper] = variable.bounds;
  if (lower >= upper) {
    findings.push({
      path: [...path, "bounds"],
      message: `The lower bound ${lower} is not below the upper bound ${upper}`,
      expected: "bounds: [lowest, highest]",
      suggestion: lower > upper
        ? `Write [${upper}, ${lower}]`
        : "Write enabled: false for a setting that stays where it is",
    });
    return findings;
  }
  const width = upper - lower;
  if (width > widest) {
    findings.push({
      path: [...path, "bounds"],
      message: `The bounds are ${width} apart`,
      expected: "bounds that the setting can reach",
    });
  }
  const { maxMove, deadband, resolution, valid } = variable;
  if (maxMove !== undefined && maxMove.up === 0 && maxMove.down === 0) {
    findings.push({
      path: [...path, "max_move"],
      message: "max_move allows no move at all",
      expected: "a number above 0",
      suggestion: "Write enabled: false for a setting that stays where it is",
    });
  } else if (maxMove !== undefined && deadband > Math.max(maxMove.up, maxMove.down)) {
    findings.push({
      path: [...path, "deadband"],
      message: `The deadband ${deadband} is larger than max_move, so no move is ever recommended`,
      expected: `at most ${Math.max(maxMove.up, maxMove.down)} ${variable.unit}`.trimEnd(),
    });
  }
  for (const [key, value] of [["deadband", deadband], ["resolution", resolution]] as const) {
    if (value !== undefined && value > width) {
      findings.push({
        path: [...path, key],
        message: `The ${key} ${value} is larger than the distance ${width} between the bounds`,
      });
    }
  }
  findings.push(...bandRules(variable, path));
  if (valid !== undefined && (valid[1] <= lower || valid[0] >= upper)) {
    findings.push({
      path: [...path, "valid"],
      message: `No valid value lies inside the bounds ${lower} to ${upper}`,
      expected: "a valid range that holds at least a part of the bounds",
    });
  }
  return findings;
}

function bandRules({ operatingBand, bounds }: OperativeVariable, path: Path): Finding[] {
  if (operatingBand === undefined) return [];
  const [low, high] = operatingBand.range;
  const [lower, upper] = bounds;
  const at = [...path, "operating_band", "range"];
  if (low > high) {
    return [{
      path: at,
      message: `The lowest value ${low} of the band is above its highest ${high}`,
      expected: "range: [lowest, highest]",
      suggestion: `Write [${high}, ${low}]`,
    }];
  }
  if (low < lower || high > upper) {
    return [{
      path: at,
      message: `The band ${low} to ${high} is not inside the bounds ${lower} to ${upper}`,
      expected: `a range inside ${lower} to ${upper}`,
    }];
  }
  if (low > lower || high < upper) return [];
  return [{
    path: at,
    message: "The band is as wide as the bounds, so its penalty is never paid",
    expected: "a range that ends before a bound",
  }];
}

function liveValueRules(variable: OperativeVariable | InformativeVariable, path: Path): Finding[] {
  const findings: Finding[] = [];
  const { valid, onBad, critical } = variable;
  if (valid !== undefined && valid[0] >= valid[1]) {
    findings.push({
      path: [...path, "valid"],
      message: `The lowest valid value ${valid[0]} is not below the highest ${valid[1]}`,
      expected: "valid: [lowest, highest]",
      suggestion: valid[0] > valid[1] ? `Write [${valid[1]}, ${valid[0]}]` : undefined,
    });
  } else if (
    valid !== undefined && onBad.kind === "default" &&
    (onBad.value < valid[0] || onBad.value > valid[1])
  ) {
    findings.push({
      path: [...path, "on_bad", "default"],
      message: `The default ${onBad.value} is itself not valid`,
      expected: `a number from ${valid[0]} to ${valid[1]}`,
    });
  }
  for (
    const [ms, ...keys] of [
      [variable.maxAgeMs, "max_age"],
      [variable.frozenMs, "frozen"],
      [variable.averageMs, "average", "window"],
    ] as const
  ) {
    if (ms === 0) {
      findings.push({ path: [...path, ...keys], message: `"${keys[0]}" is no time at all` });
    }
  }
  const { maxChange } = variable;
  const width = valid === undefined ? Infinity : valid[1] - valid[0];
  if (maxChange !== undefined && width > 0 && maxChange >= width) {
    findings.push({
      path: [...path, "max_change"],
      message:
        `No valid value is more than ${maxChange} from another, so max_change checks nothing`,
      expected: `a number below ${width}`,
    });
  }
  if (critical && onBad.kind === "default") {
    findings.push({
      path: [...path, "critical"],
      message:
        "A critical variable holds the cycle when its value is bad, so its default is never used",
      expected: "either critical: true or on_bad: { default: … }",
    });
  }
  return findings;
}

function predictedRules(variable: PredictedVariable, path: Path): Finding[] {
  if (variable.bias === undefined || variable.measuredBy !== undefined) return [];
  return [{
    path: [...path, "bias"],
    onKey: true,
    message: "A bias needs a measurement to compare the prediction with",
    expected: "measured_by: the tag that measures it",
  }];
}
