/**
 * Tells systemd that the service is ready, alive and stopping (sd_notify(3), `Type=notify`), where it
 * runs under systemd. A datagram from this process itself, so that `NotifyAccess=main` is enough.
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "./config_text.ts";

export interface Notifier {
  /** The service takes requests. */
  ready(): void;
  /** The service ends; systemd no longer waits for signs of life. */
  stopping(): void;
  close(): void;
}

/** An event loop that comes this much too late is not called alive. */
const MAX_LAG_MS = 1_000;

/**
 * Undefined where nobody listens: NOTIFY_SOCKET is not set. With WATCHDOG_USEC a sign of life goes
 * twice in that time, so long as the event loop keeps up. `failed` hears of what cannot be sent.
 */
export function openNotifier(
  env: Environment,
  { folder, failed }: {
    /** Where this process's own end of the socket lies. */
    readonly folder: string;
    readonly failed: (error: unknown) => void;
  },
): Notifier | undefined {
  const path = env.NOTIFY_SOCKET;
  if (path === undefined || path === "") return undefined;
  const own = join(folder, "notify.sock");
  let socket: Deno.DatagramConn;
  try {
    Deno.mkdirSync(folder, { recursive: true });
    rmSync(own, { force: true });
    socket = Deno.listenDatagram({ transport: "unixpacket", path: own });
  } catch (error) {
    failed(error);
    return undefined;
  }
  const send = (state: string) => {
    socket.send(new TextEncoder().encode(state), { transport: "unixpacket", path }).catch(failed);
  };

  const watchdogMs = Number(env.WATCHDOG_USEC ?? 0) / 1000;
  let timer: ReturnType<typeof setInterval> | undefined;
  if (watchdogMs > 0) {
    let due = performance.now() + watchdogMs / 2;
    timer = setInterval(() => {
      const lagMs = performance.now() - due;
      due = performance.now() + watchdogMs / 2;
      if (lagMs < MAX_LAG_MS) send("WATCHDOG=1");
    }, watchdogMs / 2);
  }
  return {
    ready: () => send("READY=1"),
    stopping: () => send("STOPPING=1"),
    close: () => {
      clearInterval(timer);
      socket.close();
      rmSync(own, { force: true });
    },
  };
}
