/** A log file with a cap: full, it is set aside under a number, and the oldest one goes. */

import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export interface LogFileOptions {
  readonly path: string;
  /** A file that would grow beyond this is set aside. */
  readonly maxBytes: number;
  /** Files that are kept, the present one included. */
  readonly keep: number;
}

/** Writes lines one after the other; never throws, since a full disk must not stop the service. */
export class LogFile {
  readonly #options: LogFileOptions;
  readonly #instead: (line: string) => void;
  readonly #bytes = new TextEncoder();
  #file: number | undefined;
  #size = 0;

  /** `instead` takes the lines that cannot be written. */
  constructor(options: LogFileOptions, { instead }: { instead: (line: string) => void }) {
    this.#options = options;
    this.#instead = instead;
  }

  write(line: string): void {
    const bytes = this.#bytes.encode(`${line}\n`);
    try {
      this.#file ??= this.#open();
      if (this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) this.#rotate();
      this.#size += writeSync(this.#file, bytes);
    } catch {
      // Opened anew with the next line: the disk may have room again, the folder may be back.
      this.close();
      this.#instead(line);
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): number {
    mkdirSync(dirname(this.#options.path), { recursive: true });
    const file = openSync(this.#options.path, "a");
    this.#size = fstatSync(file).size;
    return file;
  }

  /** app.log becomes app.log.1, that one app.log.2, and so on. */
  #rotate(): void {
    const { path, keep } = this.#options;
    this.close();
    rmSync(`${path}.${keep - 1}`, { force: true });
    for (let i = keep - 2; i >= 1; i--) renameIfThere(`${path}.${i}`, `${path}.${i + 1}`);
    if (keep > 1) renameIfThere(path, `${path}.1`);
    else rmSync(path, { force: true });
    this.#file = this.#open();
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
