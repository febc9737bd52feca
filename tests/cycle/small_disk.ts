/** A test on a disk that can be filled: a file system of its own in memory, which wants root. */

const isPossible = Deno.uid() === 0 && Deno.build.os === "linux" && canMount();

function canMount(): boolean {
  const folder = Deno.makeTempDirSync();
  const mounted = run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  if (mounted) run("umount", [folder]);
  Deno.removeSync(folder);
  return mounted;
}

function run(command: string, args: readonly string[]): boolean {
  try {
    return new Deno.Command(command, { args: [...args], stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/**
 * Registers a test on a small disk. `fill` takes all that is free, and returns what gives it back.
 * Where file systems cannot be mounted the test is ignored, and says so.
 */
export function inSmallDisk(
  name: string,
  test: (folder: string, fill: () => Promise<() => Promise<void>>) => Promise<void>,
  { megabytes = 8 }: { readonly megabytes?: number } = {},
): void {
  if (!isPossible) console.error(`IGNORED: no right to mount a small disk here: ${name}`);
  Deno.test({
    name,
    ignore: !isPossible,
    async fn() {
      const disk = await SmallDisk.mount(megabytes);
      try {
        await test(disk.folder, () => disk.fill());
      } finally {
        await disk.remove();
      }
    },
  });
}

export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Whether this machine lets us. */
  static get isPossible(): boolean {
    return isPossible;
  }

  static async mount(megabytes: number): Promise<SmallDisk> {
    const folder = await Deno.makeTempDir({ prefix: "setpoint-disk-" });
    if (!run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder])) {
      throw new Error(`Cannot mount ${folder}`);
    }
    return new SmallDisk(folder);
  }

  async fill(): Promise<() => Promise<void>> {
    const path = `${this.folder}/filler`;
    const file = await Deno.open(path, { write: true, create: true });
    const block = new Uint8Array(4096);
    try {
      for (;;) await file.write(block);
    } catch (error) {
      if (!(error instanceof Error) || !/space/i.test(error.message)) throw error;
    } finally {
      file.close();
    }
    return () => Deno.remove(path);
  }

  async remove(): Promise<void> {
    run("umount", ["-l", this.folder]);
    await Deno.remove(this.folder);
  }
}
