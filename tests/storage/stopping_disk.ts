/** The disk as a process leaves it that is killed at one of its file operations. */

/** What every later operation of a killed process comes to. */
export class ProcessKilled extends Error {
  override readonly name = "ProcessKilled";
}

type Operation = (...values: never[]) => Promise<unknown>;

/**
 * Runs `work` and stops its process, as it were, before file operation `at` (0 is the first; a write
 * stops half way). Nothing it does on the disk after that happens, tidying up in catch blocks
 * included. Returns how many operations there were before the stop, and whether it came to it.
 */
export async function stoppedAt(
  at: number,
  work: () => Promise<unknown>,
): Promise<{ readonly operations: number; readonly isStopped: boolean }> {
  let operations = 0;
  const guard = (operation: Operation, half?: Operation): Operation => async (...values) => {
    if (operations > at) throw new ProcessKilled("killed");
    if (operations++ === at) {
      await half?.(...values);
      throw new ProcessKilled("killed");
    }
    return await operation(...values);
  };
  const file = Deno.FsFile.prototype;
  const { write, sync } = file;
  const names = ["open", "rename", "mkdir", "remove"] as const;
  const originals = names.map((name) => Deno[name]);
  const set = (target: object, name: string, value: unknown) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  try {
    for (const [i, name] of names.entries()) set(Deno, name, guard(originals[i] as Operation));
    set(file, "sync", function (this: Deno.FsFile) {
      return guard(() => sync.call(this))();
    });
    set(file, "write", function (this: Deno.FsFile, bytes: Uint8Array) {
      const some = (length: number) => write.call(this, bytes.subarray(0, length));
      return guard(() => some(bytes.length), () => some(Math.floor(bytes.length / 2)))();
    });
    await work().catch((error) => {
      if (operations <= at) throw error;
    });
  } finally {
    for (const [i, name] of names.entries()) set(Deno, name, originals[i]);
    set(file, "sync", sync);
    set(file, "write", write);
  }
  return { operations, isStopped: operations > at };
}
