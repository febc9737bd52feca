/** Signing in with a token, and being told that something is not for one's role. */

import type { DeskView } from "../desk_view.ts";
import { texts } from "../texts.ts";
import { Document, Shell } from "./shell.tsx";

export function SignInPage({ next, refusal }: {
  /** Where to go afterwards: a path of this box. */
  readonly next: string;
  /** Why the last try did not work. */
  readonly refusal: string | undefined;
}) {
  const { signIn } = texts;
  return (
    <Document title={`${signIn.title} – ${texts.product}`} scripts={[]}>
      <main class="sign-in">
        <form class="panel" method="post" action="/dashboard/sign-in">
          <h1>{texts.product}</h1>
          <input type="hidden" name="next" value={next} />
          <label for="token">{signIn.token}</label>
          <input
            id="token"
            name="token"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby="token-hint"
            {...(refusal === undefined ? {} : { "aria-invalid": "true" })}
          />
          <p id="token-hint" class="muted">{signIn.hint}</p>
          {refusal !== undefined && <p class="refusal" role="alert">{refusal}</p>}
          <button type="submit" class="act">{signIn.button}</button>
        </form>
      </main>
    </Document>
  );
}

export function RefusalPage({ view, title, detail }: {
  readonly view: DeskView;
  readonly title: string;
  readonly detail: string;
}) {
  return (
    <Shell title={title} view={view} here="">
      <section class="panel refusal-page">
        <h1>{title}</h1>
        <p>{detail}</p>
        <p>
          <a href="/">{texts.refusal.back}</a>
        </p>
      </section>
    </Shell>
  );
}
