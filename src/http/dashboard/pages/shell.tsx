/** What all pages share: head, navigation, state of the box, and the place of the page's own content. */

import type { Child } from "hono/jsx";
import { raw } from "hono/html";
import type { DeskView } from "../desk_view.ts";
import { Navigation, StatusBar } from "../parts/status_bar.tsx";
import { texts } from "../texts.ts";

export interface ShellProps {
  readonly title: string;
  readonly view: DeskView;
  /** The page's path, for the navigation. */
  readonly here: string;
  /** Modules of the page's own, beside the one that keeps it live. */
  readonly scripts?: readonly string[];
  readonly styles?: readonly string[];
  /** True: the content is fetched again when a cycle ends. */
  readonly isLive?: boolean;
  readonly children?: Child;
}

export function Shell(props: ShellProps) {
  const { title, view, here, scripts = [], styles = [], isLive = false, children } = props;
  const site = view.health.strategy ?? texts.product;
  return (
    <Document
      title={here === "/" ? site : `${title} – ${site}`}
      scripts={["live.js", ...scripts]}
      styles={styles}
    >
      <a class="skip" href="#content">{texts.skip}</a>
      <header class="head">
        <Navigation view={view} here={here} />
        <StatusBar view={view} />
      </header>
      <div id="link-banner" class="link-banner" role="alert" hidden>
        {texts.link.lostBanner} <span data-link-age></span>
      </div>
      <div id="announce" class="unseen" role="status" aria-live="polite"></div>
      <main id="content" tabindex={-1} {...(isLive ? { "data-live": "" } : {})}>{children}</main>
    </Document>
  );
}

/** The document itself; nothing in it comes from elsewhere, and no script stands in it. */
export function Document({ title, scripts, styles = [], children }: {
  readonly title: string;
  readonly scripts: readonly string[];
  readonly styles?: readonly string[];
  readonly children?: Child;
}) {
  return (
    <>
      {raw("<!doctype html>")}
      <html lang={texts.language}>
        <head>
          <meta charset="utf-8" />
          <title>{title}</title>
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <link rel="icon" type="image/svg+xml" href="/dashboard/assets/sign.svg" />
          {styles.map((name) => <link rel="stylesheet" href={`/dashboard/assets/${name}`} />)}
          <link rel="stylesheet" href="/dashboard/assets/dashboard.css" />
          {scripts.map((name) => <script type="module" src={`/dashboard/assets/${name}`}></script>)}
        </head>
        <body>{children}</body>
      </html>
    </>
  );
}
