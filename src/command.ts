/** What every command has in common: where it prints, and how it fails. */

/** Where a command prints. */
export interface Terminal {
  readonly say: (line: string) => void;
}

/** Runs a command and gives its exit code; what it throws becomes one message and exit code 1. */
export async function runCommand(command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}
