import { codeOf, messageOf } from "../folders/system-errors";
import { inspect } from "node:util";
import { causesOf, fixForWriting, systemErrorText } from "../lib/system-errors";
import { FixableError } from "../lib/fixable-error";
import { HomeFullError } from "../local/errors";
import { awsErrorText } from "./aws-error";
import { exitCodeOfError, type ErrorKind } from "./exit-code-of-error";
import { InterruptedError, RunFailedError, UnwritableError, UsageError } from "./command-errors";
import type { ExitCode } from "./exit-codes";
import { byteSize } from "./render/numbers";
import type { Place } from "./system-error";

/** An error as it is told: cause and value, then the way out. */
export interface ErrorReport {
  /** What kind it is, in a word that stays: `usage`, `disk-full`. docs/json.md lists them. */
  readonly code: string;
  readonly message: string;
  /** Empty for an interruption: there is nothing to put right. */
  readonly fix: string;
  readonly exitCode: ExitCode;
}

/** What can be known about the machine that an error happened on. */
export interface Surroundings {
  /** Where the command writes. */
  readonly places: readonly Place[];
  /** Bytes left on the disk of a folder (or of the nearest one above that exists), undefined when the system doesn't tell. */
  readonly freeBytes: (folder: string) => Promise<number | undefined>;
  /** How many files this process may have open. */
  readonly openFilesLimit: () => string;
  /** Keeps what developers need of an error that nobody thought of. @returns the file's path, undefined when it can't be kept */
  readonly keepDetails: (details: string) => Promise<string | undefined>;
}

type Told = Omit<ErrorReport, "exitCode">;

/** Finds the cause of an error and the way out. @param usageErrors errors of systems that are the user's to put right */
export async function reportOf(error: unknown, surroundings: Surroundings, usageErrors: readonly ErrorKind[] = []): Promise<ErrorReport> {
  const exitCode = exitCodeOfError(error, usageErrors);
  if (error instanceof InterruptedError) return { code: "interrupted", message: error.message, fix: "", exitCode };
  const known = (await exhaustion(error, surroundings)) ?? ownFix(error) ?? systemProblem(error, surroundings.places) ?? awsProblem(error);
  return { ...(known ?? (await unexpected(error, surroundings))), exitCode };
}

const EXHAUSTED = {
  EMFILE: { code: "too-many-open-files", sign: /\bEMFILE\b|too many open files/i },
  ENFILE: { code: "too-many-open-files", sign: /\bENFILE\b/ },
  ENOSPC: { code: "disk-full", sign: /\bENOSPC\b|no space left on device/i },
  EDQUOT: { code: "disk-full", sign: /\bEDQUOT\b|disk quota exceeded/i },
  ENOMEM: { code: "out-of-memory", sign: /\bENOMEM\b|cannot allocate memory/i },
} as const;
type ExhaustedCode = keyof typeof EXHAUSTED;

/** What the machine lacks is the cause, whatever failed by it. */
async function exhaustion(error: unknown, surroundings: Surroundings): Promise<Told | undefined> {
  // their fix is right already, and names the place
  if (error instanceof UsageError || error instanceof UnwritableError || error instanceof HomeFullError) return undefined;
  for (const cause of causesOf(error)) {
    const code = exhaustedCode(cause);
    if (code === undefined) continue;
    const text = systemErrorText(code) ?? { words: code, fix: "" };
    const place = code === "ENOSPC" || code === "EDQUOT" ? await fullPlace(cause, surroundings) : undefined;
    const limit = code === "EMFILE" ? ` (this process may have ${surroundings.openFilesLimit()})` : "";
    const where = place === undefined ? "" : `, the one of '${place.folder}' (${place.what})`;
    return {
      code: EXHAUSTED[code].code,
      message: `${text.words}${limit}${where}: ${messageOf(error)}`,
      fix: fixForWriting(text, (place === undefined ? surroundings.places : [place]).map(({ elsewhere }) => elsewhere).join(", or ")),
    };
  }
  return undefined;
}

/** Parts of a local run are processes: they tell in words only what they lack. */
function exhaustedCode(cause: unknown): ExhaustedCode | undefined {
  const codes = Object.keys(EXHAUSTED) as ExhaustedCode[];
  const code = codes.find((each) => each === codeOf(cause));
  if (code !== undefined || !(cause instanceof FixableError || cause instanceof RunFailedError)) return code;
  return codes.find((each) => EXHAUSTED[each].sign.test(cause.message));
}

/** A write does not say into which file: then it is the place with the least room, for what was written may be removed by now. */
async function fullPlace(cause: unknown, { places, freeBytes }: Surroundings): Promise<Place | undefined> {
  const named = placeOf(cause, places);
  if (named !== undefined) return named;
  const room = await Promise.all(
    places.map(async (place) => ({ place, bytes: (await freeBytes(place.folder)) ?? Number.POSITIVE_INFINITY })),
  );
  const [least] = room.sort((a, b) => a.bytes - b.bytes);
  return least === undefined || least.bytes === Number.POSITIVE_INFINITY
    ? undefined
    : { ...least.place, what: `${least.place.what}; ${byteSize(least.bytes)} are free there` };
}

/** Errors that know their own way out. */
function ownFix(error: unknown): Told | undefined {
  if (!(error instanceof Error) || !("fix" in error) || typeof error.fix !== "string") return undefined;
  const message = error.message.trim() === "" ? error.name : error.message;
  return { code: codeOfName(error.name), message, fix: error.fix };
}

/** `SubmissionConflictError` is `submission-conflict`. */
const codeOfName = (name: string): string =>
  name
    .replace(/Error$/, "")
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "-")
    .toLowerCase();

/** An error of the system that nobody expected at its place. */
function systemProblem(error: unknown, places: readonly Place[]): Told | undefined {
  for (const cause of causesOf(error)) {
    const text = systemErrorText(codeOf(cause));
    if (text === undefined) continue;
    const place = placeOf(cause, places);
    return {
      code: "system",
      message: `${subjectOf(cause, place)}: ${text.words} (${codeOf(cause)})`,
      fix: place === undefined ? text.fix : fixForWriting(text, place.elsewhere),
    };
  }
  return undefined;
}

const pathOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "path" in error && typeof error.path === "string" ? error.path : undefined;

function placeOf(error: unknown, places: readonly Place[]): Place | undefined {
  const path = pathOf(error);
  return path === undefined ? undefined : places.find(({ folder }) => path === folder || path.startsWith(`${folder}/`));
}

function subjectOf(error: unknown, place: Place | undefined): string {
  const path = pathOf(error);
  if (path !== undefined) return place === undefined ? `'${path}'` : `'${path}', ${place.what}`;
  if (typeof error === "object" && error !== null && "address" in error) {
    return `${String(error.address)}${"port" in error ? `:${String(error.port)}` : ""}`;
  }
  return messageOf(error);
}

function awsProblem(error: unknown): Told | undefined {
  for (const cause of causesOf(error)) {
    const told = cause instanceof Error ? awsErrorText(cause) : undefined;
    if (told !== undefined) return told;
  }
  return undefined;
}

/** A validator's message is a list of what it has found, as JSON. The validator is loaded where there is one only: it is large. */
async function formProblem(error: unknown): Promise<string | undefined> {
  if (!(error instanceof Error) || error.name !== "ZodError") return undefined;
  const [{ ZodError }, { schemaProblem }] = await Promise.all([import("zod"), import("../lib/schema-problem")]);
  return error instanceof ZodError ? `a value has another form than is expected: ${schemaProblem(error)}` : undefined;
}

async function unexpected(error: unknown, { keepDetails }: Surroundings): Promise<Told> {
  const message = (await formProblem(error)) ?? messageOf(error).trim();
  const log = await keepDetails(inspect(error, { depth: 6 }));
  return {
    code: "unexpected",
    message: `filemill met an error that it does not know: ${message === "" ? String(error) : message}`,
    fix:
      log === undefined
        ? "report it to the maintainers with what the same command prints with --debug; nothing of it is kept, for no file could be written"
        : `report it to the maintainers with ${log}, which has the details`,
  };
}
