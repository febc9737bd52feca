/** A rehearsal child that never ends. */

setInterval(() => {}, 1000);
