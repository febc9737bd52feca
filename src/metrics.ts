/** Counters, gauges and histograms, and their text for Prometheus. Imports nothing. */

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  /** Adds `by` (1 unless told), which may not be negative. */
  add(by?: number, labels?: Labels): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

type MetricKind = "counter" | "gauge" | "histogram";

interface Family {
  readonly kind: MetricKind;
  readonly help: string;
  /** One line of text per sample, made when asked for. */
  lines(): Iterable<string>;
}

/** Upper bounds in seconds for what takes from a millisecond to a minute. */
export const secondsBuckets: readonly number[] = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  30,
  60,
];

/** All metrics of the process. Names are unique; asking twice for one name throws. */
export class Metrics {
  readonly #families = new Map<string, Family>();

  counter(name: string, help: string): Counter {
    const values = new Map<string, number>();
    this.#register(name, { kind: "counter", help, lines: () => sampleLines(name, values) });
    return {
      add(by = 1, labels = {}) {
        if (!(by >= 0)) throw new RangeError(`Counter ${name} cannot go down: got ${by}`);
        const key = labelText(labels);
        values.set(key, (values.get(key) ?? 0) + by);
      },
    };
  }

  gauge(name: string, help: string): Gauge {
    const values = new Map<string, number>();
    this.#register(name, { kind: "gauge", help, lines: () => sampleLines(name, values) });
    return { set: (value, labels = {}) => void values.set(labelText(labels), value) };
  }

  /** A gauge that is read when the text is made, such as the bytes in a cache. */
  gaugeOf(name: string, help: string, read: () => Iterable<readonly [Labels, number]>): void {
    this.#readWhenAsked(name, { kind: "gauge", help, read });
  }

  /** A counter that another part keeps, such as the hits of a cache. */
  counterOf(name: string, help: string, read: () => Iterable<readonly [Labels, number]>): void {
    this.#readWhenAsked(name, { kind: "counter", help, read });
  }

  #readWhenAsked(
    name: string,
    { kind, help, read }: {
      readonly kind: MetricKind;
      readonly help: string;
      readonly read: () => Iterable<readonly [Labels, number]>;
    },
  ): void {
    this.#register(name, {
      kind,
      help,
      lines: () =>
        sampleLines(
          name,
          new Map([...read()].map(([labels, value]) => [labelText(labels), value])),
        ),
    });
  }

  histogram(
    name: string,
    help: string,
    options: { buckets?: readonly number[] } = {},
  ): Histogram {
    const bounds = (options.buckets ?? secondsBuckets).toSorted((a, b) => a - b);
    const series = new Map<
      string,
      { labels: Labels; counts: number[]; sum: number; total: number }
    >();
    this.#register(name, {
      kind: "histogram",
      help,
      *lines() {
        for (const { labels, counts, sum, total } of series.values()) {
          for (const [i, bound] of bounds.entries()) {
            const text = labelText({ ...labels, le: String(bound) });
            yield `${name}_bucket${text} ${counts[i] ?? 0}`;
          }
          yield `${name}_bucket${labelText({ ...labels, le: "+Inf" })} ${total}`;
          yield `${name}_sum${labelText(labels)} ${sum}`;
          yield `${name}_count${labelText(labels)} ${total}`;
        }
      },
    });
    return {
      observe(value, labels = {}) {
        const key = labelText(labels);
        const one = series.get(key) ??
          { labels, counts: new Array<number>(bounds.length).fill(0), sum: 0, total: 0 };
        series.set(key, one);
        for (const [i, bound] of bounds.entries()) {
          if (value <= bound) one.counts[i] = (one.counts[i] ?? 0) + 1;
        }
        one.sum += value;
        one.total += 1;
      },
    };
  }

  /** The exposition text, version 0.0.4 (prometheus.io, "Exposition formats"). */
  text(): string {
    const lines: string[] = [];
    for (const [name, family] of this.#families) {
      lines.push(`# HELP ${name} ${family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`);
      lines.push(`# TYPE ${name} ${family.kind}`, ...family.lines());
    }
    return lines.join("\n") + "\n";
  }

  #register(name: string, family: Family): void {
    if (!/^[a-z_][a-z0-9_]*$/.test(name)) throw new TypeError(`Not a metric name: "${name}"`);
    if (this.#families.has(name)) throw new TypeError(`Metric ${name} is there already`);
    this.#families.set(name, family);
  }
}

function* sampleLines(name: string, values: ReadonlyMap<string, number>): Iterable<string> {
  for (const [labels, value] of values) yield `${name}${labels} ${numberText(value)}`;
}

function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

/** Labels in the order of their names, so that one set is one series however it was written. */
function labelText(labels: Labels): string {
  const parts = Object.entries(labels).toSorted(([a], [b]) => a < b ? -1 : 1).map(
    ([key, value]) => {
      const escaped = value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
      return `${key}="${escaped}"`;
    },
  );
  return parts.length > 0 ? `{${parts.join(",")}}` : "";
}
