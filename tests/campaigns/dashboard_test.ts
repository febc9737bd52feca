import assert from "node:assert/strict";
import { chromiumPath } from "../end_to_end/browser.ts";
import { dashboardFigures } from "./dashboard.ts";

Deno.test({
  name: "dashboardFigures: a large plant's page follows every cycle and holds on to none of them",
  ignore: chromiumPath() === undefined,
  fn: async () => {
    const figures = await dashboardFigures({ events: 40, days: 1 });
    assert.deepEqual(figures.faults, []);
    assert.ok(figures.showsTheLast);
    assert.ok(figures.updates >= 1 && figures.updates <= 2 * figures.events, `${figures.updates}`);
    assert.ok(
      figures.nodesAfter < figures.nodesBefore * 1.2,
      `${figures.nodesBefore} nodes became ${figures.nodesAfter}`,
    );
    assert.ok(
      figures.memoryAfterMegabytes < figures.memoryBeforeMegabytes + 4,
      `${figures.memoryBeforeMegabytes} MB became ${figures.memoryAfterMegabytes}`,
    );
  },
});
