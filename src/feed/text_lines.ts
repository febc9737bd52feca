/** Lines out of a file's bytes, with how many bytes have been read up to them. */

export interface TextLine {
  readonly text: string;
  readonly bytes: number;
}

/** UTF-8, with or without a byte order mark; lines end with LF or CRLF. */
export class TextLineStream extends TransformStream<Uint8Array, TextLine> {
  constructor() {
    const decoder = new TextDecoder();
    let rest = "";
    let bytes = 0;
    super({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue({ text: line.replace(/\r$/, ""), bytes });
      },
      flush(controller) {
        rest += decoder.decode();
        if (rest !== "") controller.enqueue({ text: rest, bytes });
      },
    });
  }
}
