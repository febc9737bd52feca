/** The box itself: solver, state folder, disk, certificate, tokens. */

import { X509Certificate } from "node:crypto";
import { readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { SolverProcess } from "../solve/solver_process.ts";
import { writeDurably } from "../storage/durable_file.ts";
import { Complaint, messageOf, type Patient } from "./patient.ts";

const LEAST_FREE_BYTES = 500_000_000;
/** A certificate or token that ends sooner is told while there is time to renew it. */
const SOON_MS = 14 * 86_400_000;

export async function checkSolver(): Promise<string> {
  try {
    const solver = await SolverProcess.start();
    await solver.close();
    return "IPOPT answers in its child process";
  } catch (cause) {
    throw new Complaint(messageOf(cause), "deno task native:build", cause);
  }
}

export async function checkStateFolder({ config, isRunning }: Patient): Promise<string> {
  const { folder } = config.state;
  const path = join(folder, ".doctor");
  try {
    await writeDurably(path, new TextEncoder().encode("can be written\n"));
    await Deno.remove(path);
  } catch (cause) {
    throw new Complaint(
      `${folder} cannot be written: ${messageOf(cause)}`,
      "give this user the folder, mount it for writing, or set state.folder",
      cause,
    );
  }
  return `${folder} can be written${isRunning ? ", a box runs on it" : ""}`;
}

export function checkDisk({ config }: Patient): string {
  const { bavail, bsize } = statfsSync(config.state.folder);
  const free = bavail * bsize;
  const shown = `${Math.round(free / 1e6)} MB free`;
  if (free >= LEAST_FREE_BYTES) return shown;
  throw new Complaint(shown, "make room: below 500 MB a database's log may not fit");
}

export function checkCertificate({ config: { api: { tls } }, now }: Patient): string {
  if (tls === undefined) return "none: the interface speaks plain HTTP";
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(readFileSync(tls.certFile));
    readFileSync(tls.keyFile);
  } catch (cause) {
    throw new Complaint(
      messageOf(cause),
      "name readable PEM files in api.tls.cert_file and key_file",
      cause,
    );
  }
  const ends = new Date(certificate.validTo);
  const shown = `${tls.certFile} is good until ${ends.toISOString().slice(0, 10)}`;
  if (ends.getTime() - now.getTime() > SOON_MS) return shown;
  throw new Complaint(
    ends <= now ? shown.replace("is good", "was good") : shown,
    "put a new certificate into its place: the box reads it within 10 s",
  );
}

export function checkTokens({ config: { api }, now }: Patient): string {
  if (api.isOpen) return "auth: none: whoever reaches the box may do everything";
  if (api.tokens.length === 0) return "none: only this machine reaches the box";
  const ending = api.tokens.filter(({ expires }) =>
    expires !== undefined && expires.getTime() - now.getTime() < SOON_MS
  );
  if (ending.length === 0) return `${api.tokens.length}: ${api.tokens.map(nameAndRole).join(", ")}`;
  const told = ending.map(({ name, expires }) => `${name} ends ${expires?.toISOString()}`);
  throw new Complaint(told.join(", "), "make new ones with deno task token, and tell their owners");
}

function nameAndRole({ name, role }: { readonly name: string; readonly role: string }): string {
  return `${name} (${role})`;
}
