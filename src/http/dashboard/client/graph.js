/** Points out what a box of the graph is connected with: all that feeds it and all that it feeds. */

const graph = () => document.querySelector("svg.graph");

function connected(id) {
  const arrows = [...graph().querySelectorAll(".arrow")];
  const follow = (start, [from, to]) => {
    const found = new Set([start]);
    const ways = new Set();
    // Every round adds a node or ends.
    for (let before = -1; before !== found.size;) {
      before = found.size;
      for (const arrow of arrows) {
        if (!found.has(arrow.dataset[from])) continue;
        found.add(arrow.dataset[to]);
        ways.add(arrow);
      }
    }
    return { found, ways };
  };
  const ahead = follow(id, ["from", "to"]);
  const behind = follow(id, ["to", "from"]);
  return {
    nodes: ahead.found.union(behind.found),
    ways: ahead.ways.union(behind.ways),
  };
}

let chosen;

function point(id) {
  if (id === chosen) return;
  chosen = id;
  const svg = graph();
  svg.classList.toggle("is-pointed", id !== undefined);
  const { nodes, ways } = id === undefined ? { nodes: new Set(), ways: new Set() } : connected(id);
  for (const node of svg.querySelectorAll(".node")) {
    node.classList.toggle("is-near", nodes.has(node.dataset.node));
  }
  for (const arrow of svg.querySelectorAll(".arrow")) {
    arrow.classList.toggle("is-near", ways.has(arrow));
  }
}

const place = document.querySelector(".graph-place");
place.addEventListener("pointerover", (event) => {
  point(event.target.closest(".node")?.dataset.node);
});
place.addEventListener("pointerleave", () => point(undefined));
