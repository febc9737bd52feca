/** How a new site's YAML is written. */

/** Where comments begin, where the line before them leaves room. */
const COMMENT_COLUMN = 34;

/** A YAML key or text, in quotes where it needs them. */
export function scalar(text: string): string {
  return /^[A-Za-z_][\w/.-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

export function commented(line: string, comment: string): string {
  return `${line.padEnd(COMMENT_COLUMN - 2)}  # ${comment}`;
}
