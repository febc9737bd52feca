/** The recommendation as SCADA wants it: one value per tag, with quality and times, and a pulse. */

import type { CycleRecord, Recommendation } from "../cycle/recommendation.ts";

export interface TagValue {
  readonly tag: string;
  readonly value: number;
  readonly unit: string;
  readonly quality: "good" | "uncertain" | "bad";
  readonly source_time: string | null;
  readonly server_time: string;
}

export interface LatestRecommendation extends Recommendation {
  readonly valid: boolean;
  readonly server_time: string;
  readonly heartbeat: number;
  readonly values: readonly TagValue[];
}

/** Turns over here: old clients keep it in a 16-bit register. */
const HEARTBEATS = 1000;

/** Seconds of the process's own clock, which no operator sets back; 0 to 999. */
export function heartbeatAt(elapsedMs: number): number {
  return Math.floor(elapsedMs / 1000) % HEARTBEATS;
}

/** True while the recommendation may be used: it has an answer and its time has not run out. */
export function isValid({ status, valid_until }: Recommendation, now: Date): boolean {
  return status !== "held" && status !== "failed" && Date.parse(valid_until) > now.getTime();
}

export function latestRecommendation(
  { recommendation }: CycleRecord,
  { now, heartbeat }: { readonly now: Date; readonly heartbeat: number },
): LatestRecommendation {
  const valid = isValid(recommendation, now);
  const server_time = now.toISOString();
  return {
    ...recommendation,
    valid,
    server_time,
    heartbeat,
    values: [
      ...recommendation.settings.map(({ variable, recommended, unit, quality, source_time }) => ({
        tag: variable,
        value: recommended,
        unit,
        quality: valid ? quality : "bad" as const,
        source_time,
        server_time,
      })),
      ...recommendation.expectations.map(({ variable, expected, unit, quality, source_time }) => ({
        tag: variable,
        value: expected,
        unit,
        // JSON has no NaN, so a stored record has null in its place.
        quality: valid && Number.isFinite(expected) ? quality : "bad" as const,
        source_time,
        server_time,
      })),
    ],
  };
}

/** Changes with the cycle and when its time runs out; not with the pulse (RFC 9110, section 8.8.1). */
export function entityTag(latest: LatestRecommendation): string {
  return `W/"${latest.cycle_id}-${latest.valid ? "valid" : "invalid"}"`;
}

/** One line per tag (RFC 4180), with the state of the recommendation itself as tags that begin with _. */
export function tagLines(latest: LatestRecommendation): string {
  const state: [string, string | number][] = [
    ["_heartbeat", latest.heartbeat],
    ["_valid", latest.valid ? 1 : 0],
    ["_download", latest.valid && latest.mode.achieved === "active" ? 1 : 0],
    ["_status", latest.status],
    ["_valid_until", latest.valid_until],
    ["_cycle_id", latest.cycle_id],
  ];
  const rows = [
    ["tag", "value", "unit", "quality", "source_time", "server_time"],
    ...state.map(([tag, value]) => [tag, value, "", "good", latest.time, latest.server_time]),
    ...latest.values.map(({ tag, value, unit, quality, source_time, server_time }) => [
      tag,
      Number.isFinite(value) ? value : "",
      unit,
      quality,
      source_time ?? "",
      server_time,
    ]),
  ];
  return rows.map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

function field(value: string | number | undefined): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
