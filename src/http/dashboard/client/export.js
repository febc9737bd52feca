/** What a chart shows as a file: a table for a spreadsheet, or the picture. */

/** One line per time; `columns` are `{ name, values }`, null where there is no value. */
export function csvOf(times, columns) {
  const rows = [
    ["time", ...columns.map(({ name }) => name)],
    ...times.map((time, i) => [
      new Date(time).toISOString(),
      ...columns.map(({ values }) => values[i] ?? ""),
    ]),
  ];
  return rows.map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

function field(value) {
  const text = String(value);
  // A name that begins like a formula would be run by a spreadsheet.
  const safe = /^[=+@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The chart's canvas on the page's ground, with its title above. */
export function pictureOf(canvas, title) {
  const style = getComputedStyle(document.documentElement);
  const head = 34 * devicePixelRatio;
  const picture = document.createElement("canvas");
  picture.width = canvas.width;
  picture.height = canvas.height + head;
  const drawing = picture.getContext("2d");
  drawing.fillStyle = style.getPropertyValue("--panel");
  drawing.fillRect(0, 0, picture.width, picture.height);
  drawing.fillStyle = style.getPropertyValue("--text");
  drawing.font = `600 ${15 * devicePixelRatio}px system-ui, sans-serif`;
  drawing.fillText(title, 12 * devicePixelRatio, 22 * devicePixelRatio);
  drawing.drawImage(canvas, 0, head);
  return new Promise((done) => picture.toBlob(done, "image/png"));
}

/** Hands a file to whoever looks. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
