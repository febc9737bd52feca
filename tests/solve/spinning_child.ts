/** The real solver child, but SIGUSR1 makes it spin for good: alive to the kernel, dead to callers. */

import { serve, servedBy } from "../../src/solve/solver_child.ts";

Deno.addSignalListener("SIGUSR1", () => {
  for (;;);
});
await serve(servedBy(Deno.args));
