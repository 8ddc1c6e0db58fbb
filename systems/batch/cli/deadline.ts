import { InvalidArgumentError } from "commander";
import { z } from "zod";
import { UsageError } from "../../../kit/cli/command-errors";

/** When a batch is stopped at the latest, as it was given. */
export type Deadline =
  { readonly kind: "at"; readonly at: string } | { readonly kind: "in"; readonly milliseconds: number; readonly given: string };

const HINT = "expected a time with its zone (2026-03-01T18:00:00Z) or a duration (2h, 1h30m, PT90M).";

/** `2h30m`, `1d`, `90s`; seconds, minutes, hours and days only: months and years have no fixed length. */
const SHORT = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/i;
/** The same of ISO 8601: `P1DT2H`, `PT90M`. */
const ISO = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i;
const SECONDS_OF_UNITS = [86_400, 3_600, 60, 1] as const;

/** A time needs its zone: one without would mean another moment on another machine. */
const timeSchema = z.iso.datetime({ offset: true });

/** Reads the value of `--deadline`. @throws InvalidArgumentError */
export function parseDeadline(text: string): Deadline {
  const milliseconds = durationMilliseconds(text);
  if (milliseconds !== undefined) return { kind: "in", milliseconds, given: text };
  const time = timeSchema.safeParse(text);
  if (time.success) return { kind: "at", at: new Date(time.data).toISOString() };
  throw new InvalidArgumentError(HINT);
}

/** @returns undefined for what is no duration */
export function durationMilliseconds(text: string): number | undefined {
  const parts: readonly (string | undefined)[] = (SHORT.exec(text) ?? ISO.exec(text))?.slice(1, 5) ?? [];
  if (parts.every((part) => part === undefined)) return undefined;
  const seconds = SECONDS_OF_UNITS.reduce((sum, unit, index) => sum + unit * Number(parts[index] ?? 0), 0);
  return seconds * 1_000;
}

/** The longest time a batch may be given; a generation's execution ends after a year anyway (limit of Step Functions). */
const LONGEST_MILLISECONDS = 366 * 86_400_000;

/**
 * The moment that a deadline means (ISO 8601, UTC).
 *
 * @param now milliseconds since the epoch: a duration counts from there
 * @throws UsageError when it is over already, or farther away than a batch can last
 */
export function deadlineAt(deadline: Deadline, now: number): string {
  const at = deadline.kind === "at" ? Date.parse(deadline.at) : now + deadline.milliseconds;
  const given = deadline.kind === "at" ? deadline.at : deadline.given;
  if (at <= now) throw new UsageError(`--deadline ${given} is not in the future`, "give a later time, or a duration such as 2h");
  if (at - now > LONGEST_MILLISECONDS) {
    throw new UsageError(`--deadline ${given} is more than a year away: no batch lasts that long`, "leave it out, or give a nearer one");
  }
  return new Date(at).toISOString();
}
