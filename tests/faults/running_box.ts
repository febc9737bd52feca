/** The service as a process of its own, which can be killed, and whose health can be asked. */

import type { Health } from "../../src/http/health.ts";
import type { SmallSite } from "./small_site.ts";

const LOOK_MS = 50;
const MAIN = new URL("../../src/main.ts", import.meta.url).pathname;

export interface BoxOptions {
  /** Further environment, such as that of a false clock. */
  readonly env?: Readonly<Record<string, string>>;
  /** What to wait for at the start. */
  readonly startMs?: number;
}

export class RunningBox {
  readonly #process: Deno.ChildProcess;
  readonly #lines: string[] = [];
  readonly #reading: Promise<void>;
  #port = 0;
  /** How it ended, in words; empty while it runs. */
  #ending = "";

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#reading = this.#read();
    process.status.then(({ code, signal }) => {
      this.#ending = ` has ended with ${signal ?? code}`;
    });
  }

  /** Starts the service; resolves when it listens. */
  static async start(site: SmallSite, options: BoxOptions = {}): Promise<RunningBox> {
    const box = new RunningBox(
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "-A", "--unstable-net", MAIN, "--config", site.configPath],
        env: { NO_COLOR: "1", ...options.env },
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
    await box.until(() => box.#port > 0, options.startMs ?? 120_000);
    return box;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Lines of its log so far. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  async health(): Promise<Health> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/health`);
    return await response.json() as Health;
  }

  /** Asks for the health until it is as wanted; the milliseconds that took. */
  async healthBecomes(wanted: (health: Health) => boolean, withinMs: number): Promise<number> {
    const began = performance.now();
    let last: Health | undefined;
    try {
      await this.until(async () => wanted(last = await this.health()), withinMs);
    } catch (cause) {
      throw new Error(`Health is ${JSON.stringify(last)}`, { cause });
    }
    return performance.now() - began;
  }

  /**
   * Looks often whether something has come; throws with the last lines of the log when it has not. A
   * look that takes longer counts as one all the same: on a busy machine the box is as late as they are.
   */
  async until(come: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
    const looks = Math.ceil(withinMs / LOOK_MS);
    const lines = () => this.#lines.slice(-12).join("\n");
    for (let look = 0;; look++) {
      try {
        if (await come()) return;
      } catch (cause) {
        // Its last words may still be on their way.
        await new Promise((resolve) => setTimeout(resolve, 300));
        throw new Error(`The box does not answer${this.#ending}:\n${lines()}`, { cause });
      }
      if (this.#ending !== "") throw new Error(`The box${this.#ending}:\n${lines()}`);
      if (look >= looks) throw new Error(`Not within ${withinMs} ms:\n${lines()}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** As a power cut or the system's memory killer would; resolves when it is gone. */
  async kill(): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#process.status;
    await this.#reading;
  }

  /** Asks it to stop; its exit code. */
  async stop(): Promise<number> {
    this.#process.kill("SIGTERM");
    const { code } = await this.#process.status;
    await this.#reading;
    return code;
  }

  async #read(): Promise<void> {
    const read = async (stream: ReadableStream<Uint8Array>) => {
      let rest = "";
      for await (const text of stream.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          this.#lines.push(line);
          const [, port] = /listens on [^:]+:(\d+)/.exec(line) ?? [];
          if (port !== undefined) this.#port = Number(port);
        }
        if (this.#lines.length > 2_000) this.#lines.splice(0, 1_000);
      }
    };
    await Promise.all([
      read(this.#process.stdout as ReadableStream<Uint8Array>),
      read(this.#process.stderr as ReadableStream<Uint8Array>),
    ]);
  }
}
