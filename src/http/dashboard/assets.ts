/** What the pages load: our style and scripts from this folder, the chart library from its package. */

import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { problem } from "../problem.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { clientTexts } from "./texts.ts";

interface Asset {
  readonly type: string;
  /** A specifier of a file in a package, or a path in this folder; or its text. */
  readonly from: { readonly package: string } | { readonly file: string } | {
    readonly text: () => string;
  };
}

const SCRIPT = "text/javascript";
const STYLE = "text/css";

/** The product's sign: a setting that goes up in a step. */
const SIGN =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#5b6870" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"><path d="M3 17h5l4-10h9"/><circle cx="12" cy="7" r="2.4" fill="#1668b8" stroke="none"/></svg>`;

const clientScript = (name: string): Asset => ({ type: SCRIPT, from: { file: `client/${name}` } });

const ASSETS: Readonly<Record<string, Asset>> = {
  "dashboard.css": { type: STYLE, from: { file: "dashboard.css" } },
  "uplot.css": { type: STYLE, from: { package: "uplot/dist/uPlot.min.css" } },
  "uplot.js": { type: SCRIPT, from: { package: "uplot/dist/uPlot.esm.js" } },
  "texts.js": {
    type: SCRIPT,
    from: { text: () => `export const texts = ${JSON.stringify(clientTexts)};\n` },
  },
  "sign.svg": { type: "image/svg+xml", from: { text: () => SIGN } },
  "live.js": clientScript("live.js"),
  "morph.js": clientScript("morph.js"),
  "clocks.js": clientScript("clocks.js"),
  "ask.js": clientScript("ask.js"),
  "numbers.js": clientScript("numbers.js"),
  "chart.js": clientScript("chart.js"),
  "chart_head.js": clientScript("chart_head.js"),
  "trends.js": clientScript("trends.js"),
  "export.js": clientScript("export.js"),
  "what_if.js": clientScript("what_if.js"),
  "response.js": clientScript("response.js"),
  "heat_map.js": clientScript("heat_map.js"),
  "engineer.js": clientScript("engineer.js"),
  "replay.js": clientScript("replay.js"),
  "graph.js": clientScript("graph.js"),
};

/** Read once per process: what is on disk changes only with the release. */
export function assetRoute(): Route {
  const read = new Map<string, Promise<Served>>();
  return route({
    method: "get",
    at: "/dashboard/assets/:asset",
    role: null,
    path: z.object({ asset: z.string() }),
    operation: {
      id: "dashboardAsset",
      tag: "Monitoring",
      summary: "What the dashboard's pages need",
      answers: { 200: { description: "Style, script or sign", mediaType: SCRIPT } },
      problems: ["not-found"],
    },
    answer: async (context, { path: { asset } }) => {
      const known = Object.hasOwn(ASSETS, asset) ? ASSETS[asset] : undefined;
      if (known === undefined) {
        const detail = `${asset} is no part of the dashboard`;
        return problem(context, { kind: "not-found", detail });
      }
      const serving = read.get(asset) ?? servedOf(known);
      read.set(asset, serving);
      const { bytes, etag } = await serving;
      // The browser asks each time, and gets it again only from a new release.
      const headers = { "cache-control": "no-cache", etag };
      if (context.req.header("if-none-match") === etag) return context.body(null, 304, headers);
      return context.body(bytes, 200, {
        ...headers,
        "content-type": `${known.type}; charset=utf-8`,
      });
    },
  });
}

interface Served {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

async function servedOf(asset: Asset): Promise<Served> {
  const bytes = await bytesOf(asset);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { bytes, etag: `"${Buffer.from(digest).toString("hex").slice(0, 16)}"` };
}

async function bytesOf({ from }: Asset): Promise<Uint8Array<ArrayBuffer>> {
  if ("text" in from) return new TextEncoder().encode(from.text());
  const url = "package" in from
    ? import.meta.resolve(from.package)
    : new URL(from.file, import.meta.url);
  return new Uint8Array(await readFile(fileURLToPath(url)));
}
