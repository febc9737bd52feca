/** Numbers as the server writes them: fixed decimals, a real minus, spaced thousands. */

export function numberText(value, decimals) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const [whole, rest] = Math.abs(value).toFixed(decimals).split(".");
  const spaced = whole.length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const text = rest === undefined ? spaced : `${spaced}.${rest}`;
  return value < 0 && /[1-9]/.test(text) ? `\u2212${text}` : text;
}

export function changeText(value, decimals) {
  const text = numberText(value, decimals);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** `degC` as `°C`, `m3/h` as `m³/h`. */
export function unitText(unit) {
  return unit.replaceAll(/\bdegC\b/g, "°C").replaceAll(/\bdegF\b/g, "°F")
    .replaceAll(/\bm3\b/g, "m³").replaceAll(/\bm2\b/g, "m²").replaceAll(/\bRPM\b/g, "rpm");
}
