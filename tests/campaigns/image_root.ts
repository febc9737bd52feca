/**
 * Commands in an image's files as an engine would run them: its user and environment, everything
 * read-only but the volume, the configuration mounted. The mounts end with the command.
 */

import { join } from "node:path";
import type { BuiltImage } from "./image_build.ts";

/** Arguments: root, state, volume, configuration, user, working folder; then environment and command. */
const SCRIPT = `set -e
root=$1 state=$2 volume=$3 config=$4 user=$5 folder=$6; shift 6
if [ -n "$ALONE" ]; then ip link set lo up; fi
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --bind "$state" "$root$volume"
mount -o bind "$config" "$root/etc/setpoint"
mount -o remount,bind,ro "$root/etc/setpoint"
mount -t proc proc "$root/proc"
mount -t tmpfs none "$root/dev"
for device in null zero urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
exec chroot --userspec="$user" "$root" /usr/bin/env -i "$@"`;

export interface Said {
  readonly code: number;
  readonly text: string;
}

export class ImageRoot {
  readonly #image: BuiltImage;
  readonly #folder: string;

  private constructor(image: BuiltImage, folder: string) {
    this.#image = image;
    this.#folder = folder;
  }

  /** `files` are seen in /etc/setpoint; the volume begins empty. */
  static async make(
    image: BuiltImage,
    { folder, files }: {
      readonly folder: string;
      readonly files: Readonly<Record<string, string>>;
    },
  ): Promise<ImageRoot> {
    const [uid = 0, gid = uid] = image.config.user.split(":").map(Number);
    await Deno.mkdir(join(folder, "state"), { recursive: true });
    await Deno.chown(join(folder, "state"), uid, gid);
    await Deno.mkdir(join(folder, "config"), { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, "config", name), text);
    }
    return new ImageRoot(image, folder);
  }

  get state(): string {
    return join(this.#folder, "state");
  }

  /** `isAlone`: with no network but its own loopback. */
  spawn(args: readonly string[], { isAlone = false } = {}): Deno.ChildProcess {
    const { root, config } = this.#image;
    return new Deno.Command("unshare", {
      args: [
        ...["--mount", ...(isAlone ? ["--net"] : []), "sh", "-c", SCRIPT, "sh"],
        ...[root, this.state, config.volumes[0] ?? "", join(this.#folder, "config"), config.user],
        ...[config.workingDir, ...config.env],
        ...["sh", "-c", 'cd "$0" && exec "$@"', config.workingDir, ...args],
      ],
      env: isAlone ? { ALONE: "1" } : {},
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** The service, as the image's entry point starts it. */
  start(options: { readonly isAlone?: boolean } = {}): Deno.ChildProcess {
    return this.spawn(this.#image.config.entrypoint, options);
  }

  async run(...args: readonly string[]): Promise<Said> {
    const { code, stdout, stderr } = await this.spawn(args).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return { code, text };
  }
}
