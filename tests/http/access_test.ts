import assert from "node:assert/strict";
import { createApp, routesOf } from "../../src/http/app.ts";
import { callerOf, newToken, ROLES } from "../../src/http/access.ts";
import type { Role, Token } from "../../src/http/access.ts";
import { NOW, sampleApp } from "./sample_app.ts";

/** Who may call what; written here once more, so that a changed row shows. */
const TABLE: Readonly<Record<string, Role | "everybody">> = {
  "POST /optimize": "operate",
  "POST /predict": "read",
  "GET /recommendations/latest": "read",
  "GET /recommendations/latest.csv": "read",
  "GET /cycles": "read",
  "GET /cycles/:id": "read",
  "GET /events": "read",
  "GET /strategy": "read",
  "POST /strategy/activate": "engineer",
  "GET /cache/stats": "read",
  "POST /cache/clear": "engineer",
  "POST /what-if": "operate",
  "GET /trends": "read",
  "GET /controls": "read",
  "POST /controls/mode": "engineer",
  "POST /controls/switch": "engineer",
  "GET /versions": "read",
  "GET /audit": "engineer",
  "POST /cycles/:id/replay": "operate",
  "GET /health": "read",
  "GET /health/live": "everybody",
  "GET /health/ready": "everybody",
  "GET /metrics": "read",
  "GET /openapi.json": "everybody",
  "GET /docs": "everybody",
  "GET /docs/:asset": "everybody",
};

/** Pages for people: who is not known is sent to sign in, so they are asked in dashboard tests. */
const PAGES: Readonly<Record<string, Role | "everybody">> = {
  "GET /": "read",
  "GET /dashboard/status": "read",
  "GET /dashboard/cycles": "read",
  "GET /dashboard/cycles/:id": "read",
  "GET /dashboard/trends": "read",
  "GET /dashboard/what-if": "read",
  "POST /dashboard/what-if/expected": "read",
  "GET /dashboard/strategy": "read",
  "GET /dashboard/engineer": "engineer",
  "GET /dashboard/sign-in": "everybody",
  "POST /dashboard/sign-in": "everybody",
  "POST /dashboard/sign-out": "everybody",
  "GET /dashboard/assets/:asset": "everybody",
};

const made = ROLES.map((role) => ({ role, ...newToken() }));
const expired = newToken();
const tokens: Token[] = [
  ...made.map(({ role, sha256 }) => ({ name: `a-${role}`, role, sha256, expires: undefined })),
  { name: "old", role: "admin", sha256: expired.sha256, expires: new Date(NOW.getTime() - 1) },
];

function secured() {
  return sampleApp({ parts: { tokens } });
}

Deno.test("routesOf has the rows of the table, no more and no fewer", () => {
  let rows: string[] = [];
  sampleApp({ parts: {}, inspect: (parts) => rows = routesOf(parts).map(rowOf) });
  assert.deepEqual(
    rows.toSorted(),
    Object.entries({ ...TABLE, ...PAGES }).map(([at, role]) => `${at} ${role}`).toSorted(),
  );
});

function rowOf({ method, path, role }: ReturnType<typeof routesOf>[number]): string {
  return `${method.toUpperCase()} ${path} ${role ?? "everybody"}`;
}

Deno.test("each route lets in the roles of its row and nobody else", async () => {
  const { app, cycles } = secured();
  const { recommendation } = await cycles.run({ trigger: "schedule", given: new Map() });
  for (const [at, least] of Object.entries(TABLE)) {
    const [method = "", path = ""] = at.split(" ");
    const url = path.replace(":id", recommendation.cycle_id).replace(":asset", "start.js");
    const ask = async (authorization?: string) => {
      const response = await app.request(url, {
        method,
        headers: authorization === undefined ? {} : { authorization },
      });
      await response.body?.cancel();
      return response.status;
    };
    const isOpen = least === "everybody";
    const strangers = [
      undefined,
      "Bearer ",
      `Basic ${made[3]!.text}`,
      "Bearer 0123456789abcdef",
      `Bearer ${made[3]!.text}x`,
      `Bearer ${newToken().text}`,
      `Bearer ${expired.text}`,
    ];
    for (const authorization of strangers) {
      const status = await ask(authorization);
      assert.equal(status === 401, !isOpen, `${at} with ${authorization}: ${status}`);
    }
    for (const { role, text } of made) {
      const status = await ask(`Bearer ${text}`);
      const may = isOpen || ROLES.indexOf(role) >= ROLES.indexOf(least);
      assert.equal(status === 403, !may, `${at} as ${role}: ${status}`);
      assert.notEqual(status, 401, `${at} as ${role}`);
    }
  }
});

Deno.test("a refusal tells how to ask, and nothing of the tokens", async () => {
  const { app } = secured();
  const response = await app.request("/metrics", { headers: { authorization: "Bearer x" } });
  assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer/);
  const text = await response.text();
  for (const { sha256, name } of tokens) assert.ok(!text.includes(sha256) && !text.includes(name));
});

Deno.test("callerOf finds a token by its hash alone, and newToken's text is in no hash", () => {
  const { text, sha256 } = newToken();
  const token: Token = { name: "scada", role: "operate", sha256, expires: undefined };
  const how = { tokens: [token], now: NOW, address: "10.0.0.7" };
  assert.deepEqual(callerOf(`bearer ${text}`, how), {
    name: "scada",
    role: "operate",
    address: "10.0.0.7",
  });
  assert.ok("refusal" in callerOf(`Bearer ${sha256}`, how));
});

Deno.test("a token is held to its rate, and the others are not", async () => {
  const { app } = sampleApp({ parts: { tokens, requestsPerMinute: 3 } });
  const ask = (i: number) =>
    app.request("/cache/stats", { headers: { authorization: `Bearer ${made[i]!.text}` } });
  for (let i = 0; i < 3; i++) assert.equal((await ask(0)).status, 200);
  const refused = await ask(0);
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  assert.equal((await ask(1)).status, 200);
});

Deno.test("without tokens the box answers to this machine's names alone, unless it is open", async () => {
  const { app } = sampleApp();
  for (const host of ["localhost:8005", "127.0.0.1", "[::1]:8005"]) {
    assert.equal((await app.request("/cache/stats", { headers: { host } })).status, 200, host);
  }
  const elsewhere = { headers: { host: "rebound.example:8005" } };
  assert.equal((await app.request("/cache/stats", elsewhere)).status, 400);
  let open: ReturnType<typeof createApp> | undefined;
  sampleApp({ inspect: (parts) => open = createApp(parts, { open: true }) });
  assert.equal((await open!.request("/cache/stats", elsewhere)).status, 200);
});

Deno.test("a page of another site changes nothing", async () => {
  const { app, audited } = sampleApp();
  const post = (origin: string) =>
    app.request("/cache/clear", { method: "POST", headers: { host: "localhost:8005", origin } });
  assert.equal((await post("https://evil.example")).status, 403);
  assert.equal((await post("null")).status, 403);
  assert.equal(audited.length, 0);
  assert.equal((await post("http://localhost:8005")).status, 200);
  assert.equal(audited.length, 1);
});

Deno.test("every change of state is written down with who, from where, before and after", async () => {
  const { app, audited } = secured();
  const headers = {
    authorization: `Bearer ${made[2]!.text}`,
    "content-type": "application/json",
  };
  await app.request("/cache/clear", { method: "POST", headers });
  await app.request("/strategy/activate", { method: "POST", headers, body: '{"version": "8"}' });
  const refused = await app.request("/strategy/activate", {
    method: "POST",
    headers,
    body: '{"version": "9"}',
  });
  assert.equal(refused.status, 409);
  assert.match((await refused.json()).detail, /not in the store/);
  assert.deepEqual(audited.map(({ who, what, before, after }) => [who, what, before, after]), [
    ["a-engineer", "cache cleared", 0, 0],
    ["a-engineer", "version activated", "7", "8"],
    ["a-engineer", "version refused", "7", { wanted: "9", refusal: "it is not in the store" }],
  ]);
});
