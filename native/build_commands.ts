/** Commands of other programs, and the words of the build. */

/** The build cannot go on; the message says what to do. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

export interface CommandOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface CommandEnd {
  readonly success: boolean;
  /** Standard output, then standard error. */
  readonly output: string;
}

/** Runs a command; one that does not exist has not succeeded. */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandEnd> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      ...options,
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { success, output: decode(stdout) + decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return { success: false, output: `${command} was not found` };
    }
    throw error;
  }
}

/** Runs a command that has to succeed; what it prints is passed on. @throws {BuildError} */
export async function must(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<void> {
  const { success, output } = await run(command, args, options);
  if (!success) throw new BuildError(`${command} ${args.join(" ")} failed:\n${output}`);
  if (output.trim() !== "") say(output);
}

export async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return (await run(command, args)).success;
}

/** The words that pkg-config prints. @throws {BuildError} */
export async function pkgConfig(args: readonly string[]): Promise<string[]> {
  const { success, output } = await run("pkg-config", args);
  if (!success) throw new BuildError(`pkg-config ${args.join(" ")} failed:\n${output}`);
  return output.trim().split(/\s+/).filter((word) => word !== "");
}

/** Runs all tasks, as many at once as there are processors. */
export async function inParallel<Item>(
  items: readonly Item[],
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await task(item);
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, worker));
}

export function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** SHA-256 as hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** SHA-256 of texts in their order. */
export function sha256OfTexts(texts: readonly string[]): Promise<string> {
  return sha256(new TextEncoder().encode(texts.join("\0")));
}

/** "3.2 s" since a time of performance.now(). */
export function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

export function say(text: string): void {
  console.error(`native: ${text}`);
}
