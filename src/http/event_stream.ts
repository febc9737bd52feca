/** Server-sent events (html.spec.whatwg.org, section 9.2): one per cycle, with resume. */

import type { CycleRecord } from "../cycle/recommendation.ts";

/** Clients at once; a control room has a handful. */
const MAX_CLIENTS = 64;
/** Events that may wait for a slow client, missed ones included; beyond, it is cut off and resumes. */
const MAX_UNREAD = 256;
/**
 * Proxies cut connections that are silent for a minute; a page that hears three pulses too few tells
 * that what it shows is old.
 */
const PULSE_MS = 5_000;

interface Client {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly pulse: ReturnType<typeof setInterval>;
}

export class EventStream {
  readonly #clients = new Set<Client>();
  readonly #since: (cycleId: string) => readonly CycleRecord[];
  readonly #text = new TextEncoder();

  /** `since` gives the stored records after a cycle, oldest first. */
  constructor(options: { since: (cycleId: string) => readonly CycleRecord[] }) {
    this.#since = options.since;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Sends a record to every client; one that does not read is cut off. */
  publish(record: CycleRecord): void {
    for (const client of this.#clients) this.#send(client, eventOf(record));
  }

  /** The stream of one client, from `after` on where that is given; undefined when there are too many. */
  open(after: string | undefined): ReadableStream<Uint8Array> | undefined {
    if (this.#clients.size >= MAX_CLIENTS) return undefined;
    const missed = after === undefined ? [] : this.#since(after);
    let client: Client | undefined;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const pulse = setInterval(
          () => client && this.#send(client, "event: pulse\ndata: {}\n\n"),
          PULSE_MS,
        );
        client = { controller, pulse };
        this.#clients.add(client);
        controller.enqueue(this.#text.encode("retry: 5000\n\n"));
        for (const record of missed) controller.enqueue(this.#text.encode(eventOf(record)));
      },
      cancel: () => {
        if (client !== undefined) this.#forget(client);
      },
    }, new CountQueuingStrategy({ highWaterMark: MAX_UNREAD }));
  }

  /** Ends every stream. */
  close(): void {
    for (const client of [...this.#clients]) {
      this.#forget(client);
      client.controller.close();
    }
  }

  #send(client: Client, text: string): void {
    if ((client.controller.desiredSize ?? 0) <= 0) {
      this.#forget(client);
      client.controller.error(new Error("The client does not read its events"));
      return;
    }
    client.controller.enqueue(this.#text.encode(text));
  }

  #forget(client: Client): void {
    clearInterval(client.pulse);
    this.#clients.delete(client);
  }
}

/** JSON has no line breaks of its own, so one data line holds it. */
function eventOf({ recommendation }: CycleRecord): string {
  return `id: ${recommendation.cycle_id}\nevent: cycle\ndata: ${
    JSON.stringify(recommendation)
  }\n\n`;
}
