import assert from "node:assert/strict";
import { newToken, ROLES } from "../../src/http/access.ts";
import type { Role, Token } from "../../src/http/access.ts";
import { Sessions } from "../../src/http/sessions.ts";
import type { KeptSessions } from "../../src/http/sessions.ts";
import { NOW, sampleApp } from "./sample_app.ts";

const made = ROLES.map((role) => ({ role, ...newToken() }));
const tokens: Token[] = made.map(({ role, sha256 }) => (
  { name: `a-${role}`, role, sha256, expires: undefined }
));
const textOf = (role: Role) => made.find((one) => one.role === role)!.text;
const HOUR_MS = 3_600_000;

function secured() {
  return sampleApp({ parts: { tokens } });
}

function form(fields: Record<string, string>): RequestInit {
  return {
    method: "POST",
    body: new URLSearchParams(fields).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  };
}

async function signedIn(
  { app }: ReturnType<typeof secured>,
  role: Role,
  origin = "http://localhost",
): Promise<string> {
  const response = await app.request(
    `${origin}/dashboard/sign-in`,
    form({ token: textOf(role), next: "/" }),
  );
  assert.equal(response.status, 303);
  return response.headers.get("set-cookie") ?? "";
}

const onlyValue = (cookie: string) => cookie.split(";")[0] ?? "";

Deno.test("a page sends a stranger to sign in and remembers where he wanted to go", async () => {
  const { app } = secured();
  for (const path of ["/", "/dashboard/trends?show=a&hours=1", "/dashboard/engineer"]) {
    const response = await app.request(path);
    assert.equal(response.status, 303, path);
    assert.equal(
      response.headers.get("location"),
      `/dashboard/sign-in?next=${encodeURIComponent(path)}`,
    );
  }
  assert.equal((await app.request("/health")).status, 401, "machines get a problem");
});

Deno.test("signing in sets a cookie that no script reads and no other site sends", async () => {
  const cookie = await signedIn(secured(), "operate");
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  assert.match(cookie, /Path=\//);
  assert.match(cookie, /Max-Age=43200/, "a shift");
  assert.doesNotMatch(cookie, /Secure/);
  assert.match(await signedIn(secured(), "read", "https://localhost"), /Secure/);
});

Deno.test("a session may do what its token may, in pages and routes, until it signs out", async () => {
  const sample = secured();
  const { app } = sample;
  const cookie = onlyValue(await signedIn(sample, "operate"));
  const headers = { cookie };
  assert.equal((await app.request("/", { headers })).status, 200);
  assert.equal((await app.request("/health", { headers })).status, 200);
  const engineer = await app.request("/dashboard/engineer", { headers });
  assert.equal(engineer.status, 403);
  assert.match(await engineer.text(), /needs the role engineer; a-operate has operate/);
  await app.request("/dashboard/sign-out", {
    method: "POST",
    headers: { cookie, origin: "http://localhost" },
  });
  assert.equal((await app.request("/", { headers })).status, 303);
});

Deno.test("what a session changes must come from a page of ours", async () => {
  const sample = secured();
  const cookie = onlyValue(await signedIn(sample, "engineer"));
  const set = (more: Record<string, string>) =>
    sample.app.request("http://localhost/controls/mode", {
      method: "POST",
      body: '{"mode": "active"}',
      headers: { cookie, host: "localhost", "content-type": "application/json", ...more },
    });
  assert.equal((await set({})).status, 401, "no origin");
  assert.equal((await set({ origin: "http://evil.example" })).status, 403);
  assert.equal((await set({ origin: "null" })).status, 403);
  assert.equal(sample.audited.length, 0);
  assert.equal((await set({ origin: "http://localhost" })).status, 200);
  assert.deepEqual(
    sample.audited.map(({ who, what, after }) => [who, what, after]),
    [["a-engineer", "mode set", "active"]],
  );
});

Deno.test("signing in leads to a path of this box only", async () => {
  const { app } = secured();
  const cases = [
    ["/dashboard/cycles?before=x", "/dashboard/cycles?before=x"],
    ...["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
      .map((next) => [next, "/"]),
  ] as const;
  for (const [next = "", to] of cases) {
    const response = await app.request(
      "/dashboard/sign-in",
      form({ token: textOf("read"), next }),
    );
    assert.equal(response.headers.get("location"), to, next);
  }
});

Deno.test("a wrong token is told so, and too many tries wait, but a right one always gets in", async () => {
  const { app } = secured();
  const wrong = await app.request("/dashboard/sign-in", form({ token: newToken().text }));
  assert.equal(wrong.status, 401);
  assert.match(await wrong.text(), /role="alert">The token is not known to this box/);
  const statuses: number[] = [];
  for (let i = 0; i < 35; i++) {
    const { status } = await app.request("/dashboard/sign-in", form({ token: "stp_x" }));
    statuses.push(status);
  }
  assert.ok(statuses.includes(429), statuses.join());
  const right = await app.request("/dashboard/sign-in", form({ token: textOf("read") }));
  assert.equal(right.status, 303);
});

Deno.test("without tokens nobody signs in", async () => {
  const { app } = sampleApp();
  assert.equal((await app.request("/")).status, 200);
  assert.equal((await app.request("/dashboard/sign-in")).headers.get("location"), "/");
});

Deno.test("Sessions ends them by age, by number, by sign-out, and with their token", () => {
  const [reader, operator] = tokens as [Token, Token];
  const sessions = new Sessions({ tokens });
  const later = (hours: number) => new Date(NOW.getTime() + hours * HOUR_MS);
  const { value } = sessions.begin(operator, NOW);
  assert.equal(sessions.find(value, later(11.9))?.name, operator.name);
  assert.equal(sessions.find(value, later(12)), undefined);
  const wall = sessions.begin(reader, NOW);
  assert.equal(sessions.find(wall.value, later(29 * 24))?.name, reader.name);
  for (let i = 0; i < 300; i++) sessions.begin(reader, NOW);
  assert.equal(sessions.size, 256);
  assert.equal(sessions.find(wall.value, NOW), undefined, "the oldest went");
  const soon = { ...reader, expires: later(1) };
  const short = new Sessions({ tokens: [soon] }).begin(soon, NOW);
  assert.equal(short.maxAgeSeconds, 3600);
});

Deno.test("Sessions come back after a restart, without what a browser holds, and not for a token that is gone", () => {
  let kept: KeptSessions = [];
  const [reader] = tokens as [Token];
  const before = new Sessions({ tokens, keep: (list) => kept = list });
  const { value } = before.begin(reader, NOW);
  assert.ok(!JSON.stringify(kept).includes(value));
  assert.equal(new Sessions({ tokens, kept }).find(value, NOW)?.name, reader.name);
  assert.equal(new Sessions({ tokens: tokens.slice(1), kept }).find(value, NOW), undefined);
  before.end(value);
  assert.deepEqual(kept, []);
});
