/** Why a transfer came to no whole answer, in words and with the cure. */

/** No whole answer came. */
export class TransferFault extends Error {
  override readonly name = "TransferFault";
  /** What the person on the box can do about it. */
  readonly hint: string;

  constructor(message: string, options: { readonly hint: string; readonly cause: Error }) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
  }
}

interface Explanation {
  /** Of the message that Deno's fetch (reqwest, hyper and rustls inside) gives. */
  readonly pattern: RegExp;
  readonly what: string;
  readonly hint: string;
}

const OTHERWISE = {
  what: "no whole answer",
  hint: "See that the object store runs and that endpoint, port and use_ssl are right",
} as const;

const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /UnknownIssuer/,
    what: "its certificate is of an authority that this box does not trust",
    hint: "Name the PEM file of the authority in storage.minio.ca_file",
  },
  {
    pattern: /not valid for (any )?name|NotValidForName/i,
    what: "its certificate is for another host name",
    hint: "Put the name that the certificate has into storage.minio.endpoint, or have one issued " +
      "for this name",
  },
  {
    pattern: /invalid peer certificate: (Expired|NotValidYet|certificate (expired|not valid yet))/,
    what: "its certificate has expired or is not valid yet",
    hint: "Renew the server's certificate, and see that the box's clock is right",
  },
  {
    pattern: /invalid peer certificate/,
    what: "its certificate is not valid",
    hint: "See the server's certificate, and storage.minio.ca_file",
  },
  {
    pattern: /holds no certificate|No such file|NotFound/,
    what: "the file of its certificate authority cannot be used",
    hint: "Correct storage.minio.ca_file: a PEM file that this user may read",
  },
  {
    pattern: /InvalidContentType/,
    what: "it does not speak TLS",
    hint: "Set storage.minio.use_ssl: false, or name the port that does",
  },
  {
    pattern: /invalid HTTP version/,
    what: "it does not speak HTTP",
    hint: "Set storage.minio.use_ssl: true where the server speaks TLS, or correct the port",
  },
];

/** `late` says which deadline ended the transfer; empty where none did. */
export function transferFault(
  cause: unknown,
  { late, hasAuthority }: { readonly late: string; readonly hasAuthority: boolean },
): TransferFault {
  const plain = withoutAddress(cause);
  if (late !== "") return new TransferFault(late, { hint: OTHERWISE.hint, cause: plain });
  const said = saidBy(plain);
  const found = EXPLANATIONS.find(({ pattern }) => pattern.test(said));
  const { what, hint } = found ?? OTHERWISE;
  const isOtherAuthority = hasAuthority && found === EXPLANATIONS[0];
  return new TransferFault(what, {
    hint: isOtherAuthority ? "storage.minio.ca_file is of another authority: correct it" : hint,
    cause: plain,
  });
}

function saidBy(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${saidBy(error.cause)}` : error.message;
}

/** What fetch says, and why, without the signed address that it quotes. */
function withoutAddress(cause: unknown): Error {
  if (!(cause instanceof Error)) return new Error(String(cause));
  const message = cause.message.replaceAll(/\bhttps?:\/\/[^\s"')]+/g, "the store");
  const options = cause.cause === undefined ? {} : { cause: withoutAddress(cause.cause) };
  return new Error(`${cause.name}: ${message}`, options);
}
