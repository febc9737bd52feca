/** Requests to the box, with what went wrong in words. */

import { texts } from "./texts.js";

/** The answer's JSON, and whether the box still works on it; or `{ problem }`: what went wrong, in words. */
export async function ask(path, body, { signal } = {}) {
  let response;
  try {
    response = await fetch(
      path,
      body === undefined ? { signal } : {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal,
      },
    );
  } catch (error) {
    return { problem: texts.unreachable, isAborted: error.name === "AbortError" };
  }
  if (response.status === 401) {
    location.href = `/dashboard/sign-in?next=${encodeURIComponent(location.pathname)}`;
  }
  const answer = await response.json().catch(() => undefined);
  if (response.ok) return { answer, isUnderWay: response.status === 202 };
  return { problem: answer?.detail ?? `${texts.failed} (${response.status})`, answer };
}
