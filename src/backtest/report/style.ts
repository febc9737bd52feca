/** How the report looks: light and dark, on a wide screen, on a phone, and on paper. */

import { Html } from "./html.ts";

export const STYLE: Html = new Html(`<style>
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1b2026; --soft: #58636f; --line: #dbe1e8; --tint: #f4f7fa;
  --first: #0b63a8; --second: #b45f06; --good: #1a7a48; --bad: #b3311c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #13171c; --ink: #e7ebf0; --soft: #a2adb9; --line: #303943; --tint: #1b2128;
    --first: #6db6f2; --second: #efa654; --good: #62d098; --bad: #ff8f7a;
  }
}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --tint: #f4f4f4;
    --first: #0b63a8; --second: #b45f06; --good: #1a7a48; --bad: #b3311c;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.15rem; font-weight: 600; margin: 0; color: var(--soft); }
.headline { font-size: 1.85rem; line-height: 1.25; font-weight: 650; margin: .4rem 0 .6rem; text-wrap: balance; max-width: 54rem; }
.lead { font-size: 1.05rem; color: var(--soft); max-width: 54rem; margin: 0 0 1.25rem; }
h2 { font-size: 1.3rem; margin: 2.75rem 0 .35rem; padding-top: .9rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .35rem; }
p { max-width: 54rem; margin: .4rem 0 .8rem; }
a { color: var(--first); text-underline-offset: .15em; }
a:focus-visible { outline: 2px solid var(--first); outline-offset: 2px; }
.soft { color: var(--soft); }
nav { display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; margin: 1.25rem 0 0; font-size: .95rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.tile { background: var(--tint); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
.tile b { display: block; font-size: 1.55rem; line-height: 1.3; font-weight: 650; }
.tile .name { font-size: .9rem; color: var(--soft); }
.tile .more { font-size: .9rem; color: var(--soft); }
.honest { border-left: .25rem solid var(--second); padding: .1rem 0 .1rem 1rem; max-width: 54rem; }
.honest p { margin: .3rem 0; }
.scroll { overflow-x: auto; margin: .75rem 0 1.25rem; }
table { border-collapse: collapse; font-size: .94rem; min-width: 100%; }
caption { text-align: left; color: var(--soft); font-size: .9rem; padding: 0 0 .35rem; }
th, td { padding: .32rem .7rem; text-align: right; border-bottom: 1px solid var(--line); vertical-align: baseline; }
th { font-weight: 600; }
thead th { color: var(--soft); font-size: .86rem; line-height: 1.3; vertical-align: bottom; border-bottom: 2px solid var(--line); }
th[scope="row"], td.text, thead th.text { text-align: left; }
th[scope="row"] { font-weight: 500; }
th .about { display: block; font-weight: 400; color: var(--soft); font-size: .85rem; }
th[scope="row"] { overflow-wrap: break-word; min-width: 14rem; }
.case th[scope="row"] { min-width: 8rem; }
td { white-space: nowrap; }
td.text { white-space: normal; min-width: 13rem; }
.unit { font-weight: 400; color: var(--soft); white-space: nowrap; }
td .about { display: block; color: var(--soft); font-size: .85rem; }
.percent { display: inline-block; min-width: 4.2rem; text-align: right; }
.good { color: var(--good); } .bad { color: var(--bad); }
.share { display: inline-block; width: 4.5rem; height: .6rem; margin-right: .5rem; background: var(--tint); border: 1px solid var(--line); border-radius: .15rem; overflow: hidden; }
.share span { display: block; height: 100%; background: var(--first); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
figure.chart { margin: 1.25rem 0 1.75rem; }
figcaption { font-weight: 600; font-size: .95rem; margin-bottom: .2rem; }
.legend { font-size: .9rem; color: var(--soft); margin: 0 0 .3rem; }
.key { display: inline-block; width: 1.1rem; height: .2rem; vertical-align: middle; margin: 0 .35rem 0 .6rem; }
.key:first-child { margin-left: 0; }
.key.first { background: var(--first); } .key.second { background: var(--second); }
.plot { display: grid; grid-template-columns: 4rem 1fr; grid-template-rows: 14rem 1.5rem auto; margin-top: 1.6rem; }
.left { position: relative; font-size: .82rem; color: var(--soft); }
.left span { position: absolute; right: .5rem; transform: translateY(50%); white-space: nowrap; }
.left .unit { top: -1.75rem; right: auto; left: 0; transform: none; }
.area { width: 100%; height: 100%; overflow: visible; }
.bottom { grid-column: 2; position: relative; font-size: .82rem; color: var(--soft); }
.bottom span { position: absolute; top: .25rem; transform: translateX(-50%); white-space: nowrap; }
.below { grid-column: 2; font-size: .82rem; color: var(--soft); text-align: center; }
svg line, svg polyline, svg rect, svg polygon { vector-effect: non-scaling-stroke; }
.grid { stroke: var(--line); stroke-width: 1; }
.grid.zero { stroke: var(--soft); }
.bar { fill: var(--first); stroke: var(--page); stroke-width: 1; print-color-adjust: exact; }
.bar.worse { fill: var(--second); }
.line { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
.line.first { stroke: var(--first); } .line.second { stroke: var(--second); }
.band { stroke: none; opacity: .18; }
.band.first { fill: var(--first); } .band.second { fill: var(--second); }
.zone { fill: transparent; }
.zone:hover { fill: var(--soft); fill-opacity: .15; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 2rem; }
.case { border-top: 1px solid var(--line); margin-top: 1.75rem; }
ul { padding-left: 1.2rem; margin: .4rem 0 .8rem; max-width: 54rem; }
.case td.text { min-width: 8rem; }
.case:target { background: var(--tint); box-shadow: 0 0 0 .75rem var(--tint); }
code { font: .88em ui-monospace, "Liberation Mono", monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(9rem, auto) 1fr; gap: .25rem 1.25rem; max-width: 60rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  main { padding: 1rem .9rem 3rem; }
  .headline { font-size: 1.4rem; }
  .plot { grid-template-columns: 3rem 1fr; grid-template-rows: 11rem 1.5rem auto; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tile { padding: .6rem .75rem; }
  .tile b { font-size: 1.25rem; }
  th, td { padding: .32rem .45rem; }
  .scroll th[scope="row"], thead th:first-child { position: sticky; left: 0; background: var(--page); min-width: 7.5rem; max-width: 10.5rem; }
  .percent { min-width: 3.6rem; }
  .share { width: 2.5rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
}
@media print {
  body { font-size: 10pt; }
  nav { display: none; }
  .scroll { overflow: visible; }
  figure, .tile, tr, .case { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  @page { margin: 15mm; }
}
</style>`);
