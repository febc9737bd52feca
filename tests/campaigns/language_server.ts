/**
 * A language server as an editor drives it: JSON-RPC over stdio (Language Server Protocol 3.17,
 * microsoft.github.io/language-server-protocol), as much of it as one document needs.
 */

export interface Completion {
  readonly label: string;
  readonly documentation: string;
}

export interface Diagnostic {
  /** From 0. */
  readonly line: number;
  readonly message: string;
}

/** A place in a text that is open in the editor, both numbers from 0. */
export interface Cursor {
  readonly text: string;
  readonly line: number;
  readonly character: number;
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** What VS Code's YAML extension is set to, without the schemas of the internet. */
const SETTINGS = {
  yaml: {
    ...{ validate: true, completion: true, hover: true },
    schemaStore: { enable: false },
  },
};

const ANSWER_MS = 60_000;

export class LanguageServer {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting = new Map<number | string, (message: Message) => void>();
  #published: ((uri: string, found: readonly Diagnostic[]) => void) | undefined;
  #open = new Set<string>();
  #number = 0;
  #reading: Promise<void>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#writer = process.stdin.getWriter();
    this.#reading = this.#read();
  }

  /** Starts an npm package that is a language server, in a folder without a project of its own. */
  static async start(specifier: string): Promise<LanguageServer> {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-config", "--no-lock", specifier, "--stdio"],
      ...{ stdin: "piped", stdout: "piped", stderr: "null" },
      cwd: Deno.build.os === "windows" ? "." : "/",
    }).spawn();
    const server = new LanguageServer(process);
    await server.#request("initialize", {
      processId: Deno.pid,
      rootUri: null,
      capabilities: {
        workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
        textDocument: {
          completion: { completionItem: { documentationFormat: ["markdown", "plaintext"] } },
          hover: { contentFormat: ["markdown", "plaintext"] },
          publishDiagnostics: {},
        },
      },
    });
    await server.#send({ method: "initialized", params: {} });
    await server.#send({
      method: "workspace/didChangeConfiguration",
      params: { settings: SETTINGS },
    });
    return server;
  }

  /** What the server marks in a text. */
  async diagnostics(uri: string, text: string): Promise<readonly Diagnostic[]> {
    const found = within(
      new Promise<readonly Diagnostic[]>((resolve) => {
        this.#published = (of, diagnostics) => of === uri && resolve(diagnostics);
      }),
      "diagnostics",
    );
    await this.#show(uri, text);
    return await found;
  }

  async complete(uri: string, { text, line, character }: Cursor): Promise<Completion[]> {
    await this.#show(uri, text);
    const answer = await this.#request("textDocument/completion", {
      textDocument: { uri },
      position: { line, character },
    });
    const items = Array.isArray(answer) ? answer : property(answer, "items");
    return (items as readonly unknown[]).map((item) => ({
      label: String(property(item, "label")),
      documentation: textOf(property(item, "documentation")),
    }));
  }

  async hover(uri: string, { text, line, character }: Cursor): Promise<string> {
    await this.#show(uri, text);
    const answer = await this.#request("textDocument/hover", {
      textDocument: { uri },
      position: { line, character },
    });
    return textOf(property(answer, "contents"));
  }

  async stop(): Promise<void> {
    try {
      await this.#request("shutdown", null);
      await this.#send({ method: "exit" });
      await this.#writer.close();
    } finally {
      const killing = setTimeout(() => this.#process.kill("SIGKILL"), 5_000);
      await this.#process.status;
      clearTimeout(killing);
      await this.#reading;
    }
  }

  async #show(uri: string, text: string): Promise<void> {
    const version = ++this.#number;
    if (this.#open.has(uri)) {
      await this.#send({
        method: "textDocument/didChange",
        params: { textDocument: { uri, version }, contentChanges: [{ text }] },
      });
      return;
    }
    this.#open.add(uri);
    await this.#send({
      method: "textDocument/didOpen",
      params: { textDocument: { uri, languageId: "yaml", version, text } },
    });
  }

  async #request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#number;
    const answer = within(
      new Promise<Message>((resolve) => this.#waiting.set(id, resolve)),
      method,
    );
    await this.#send({ id, method, params });
    const { result, error } = await answer;
    if (error !== undefined) {
      throw new Error(`The language server refuses ${method}: ${error.message}`);
    }
    return result;
  }

  async #send(message: Message): Promise<void> {
    const body = new TextEncoder().encode(JSON.stringify({ jsonrpc: "2.0", ...message }));
    const head = new TextEncoder().encode(`Content-Length: ${body.length}\r\n\r\n`);
    // In one piece: an answer to the server may be under way at the same time.
    const frame = new Uint8Array(head.length + body.length);
    frame.set(head);
    frame.set(body, head.length);
    await this.#writer.write(frame);
  }

  /** Frames of a head with Content-Length and a body of so many bytes. */
  async #read(): Promise<void> {
    let buffer = new Uint8Array();
    for await (const chunk of this.#process.stdout) {
      const joined = new Uint8Array(buffer.length + chunk.length);
      joined.set(buffer);
      joined.set(chunk, buffer.length);
      buffer = joined;
      for (;;) {
        const text = new TextDecoder("latin1").decode(buffer.subarray(0, 200));
        const end = text.indexOf("\r\n\r\n");
        const length = Number(/Content-Length: (\d+)/i.exec(text)?.[1]);
        if (end === -1 || buffer.length < end + 4 + length) break;
        const body = new TextDecoder().decode(buffer.subarray(end + 4, end + 4 + length));
        buffer = buffer.slice(end + 4 + length);
        await this.#receive(JSON.parse(body) as Message);
      }
    }
  }

  async #receive(message: Message): Promise<void> {
    const { id, method, params } = message;
    if (method === undefined) {
      if (id !== undefined) this.#waiting.get(id)?.(message);
    } else if (method === "textDocument/publishDiagnostics") {
      const found = property(params, "diagnostics") as readonly unknown[];
      this.#published?.(
        String(property(params, "uri")),
        found.map((one) => ({
          line: Number(property(property(property(one, "range"), "start"), "line")),
          message: String(property(one, "message")),
        })),
      );
    } else if (id !== undefined) {
      await this.#send({
        id,
        result: method === "workspace/configuration" ? settings(params) : null,
      });
    }
  }
}

/** The settings that the server asks for, in its order. */
function settings(params: unknown): unknown[] {
  return (property(params, "items") as readonly unknown[]).map((item) =>
    property(SETTINGS, String(property(item, "section"))) ?? {}
  );
}

async function within<Result>(answer: Promise<Result>, what: string): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No ${what} within ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function textOf(documentation: unknown): string {
  if (typeof documentation === "string") return documentation;
  if (Array.isArray(documentation)) return documentation.map(textOf).join("\n");
  return String(property(documentation, "value") ?? "");
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
