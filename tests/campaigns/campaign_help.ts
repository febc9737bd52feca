/** The words after a campaign's or bench's task: help for those who ask, a stop for what is none of them. */

/**
 * Ends the process with the task's description where `--help` is asked for (exit code 0), or where a
 * word is no number (2); `words` lets other words pass, but for unknown flags.
 */
export function stopForHelp(
  task: string,
  { words = false }: { readonly words?: boolean } = {},
): void {
  const isWrong = (arg: string) =>
    arg.startsWith("-") || (!words && !Number.isFinite(Number(arg || Number.NaN)));
  const wrong = Deno.args.filter((arg) => arg !== "--help").find(isWrong);
  if (wrong === undefined && !Deno.args.includes("--help")) return;
  const { tasks } = JSON.parse(
    Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)),
  ) as { readonly tasks: Readonly<Record<string, { readonly description: string }>> };
  const help = `deno task ${task}\n\n${tasks[task]?.description}\n\n  --help   print this`;
  if (wrong === undefined) console.log(help);
  else console.error(`"${wrong}" is none of its words\n\n${help}`);
  Deno.exit(wrong === undefined ? 0 : 2);
}
