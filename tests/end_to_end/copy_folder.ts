/** Copies named files and folders with all that is in them. */

import { join } from "node:path";

export async function copy(
  from: string,
  { to, names }: { readonly to: string; readonly names: readonly string[] },
): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for (const name of names) {
    const path = join(from, name);
    if ((await Deno.stat(path)).isFile) {
      await Deno.copyFile(path, join(to, name));
      continue;
    }
    const inside = [...Deno.readDirSync(path)].map((entry) => entry.name);
    await copy(path, { to: join(to, name), names: inside });
  }
}
