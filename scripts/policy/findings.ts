import { z } from "zod";
import { schemaProblem } from "../../kit/lib/schema-problem";
import { matchesAll } from "../../kit/plan-review/iam/policy";
import { policyFileSchema, type Exception } from "../../kit/plan-review/policy-file";

/** What a scanner doesn't like of a stack. */
export interface Finding {
  /** As the scanner names it: `CKV_AWS_18`, `iam:action_validation`. */
  readonly rule: string;
  /** Of the resource: `aws_s3_bucket.Data_State_57F44BD8`. */
  readonly address: string;
  readonly message: string;
}

export interface Judged {
  /** Findings that nothing excuses. */
  readonly failed: readonly Finding[];
  readonly excused: readonly Finding[];
}

/** The file of exceptions can't be used. */
export class ExceptionsError extends Error {
  public override readonly name = "ExceptionsError";
}

/** Exceptions of a plan's review have the same form (docs/plan-review.md). */
const exceptionsSchema = z.strictObject({ exceptions: policyFileSchema.shape.exceptions });

/** @throws ExceptionsError for what is no list of exceptions */
export function readExceptions(given: unknown): readonly Exception[] {
  const parsed = exceptionsSchema.safeParse(given);
  if (!parsed.success) throw new ExceptionsError(schemaProblem(parsed.error));
  return parsed.data.exceptions;
}

/** Judges findings by exceptions, and keeps count of those that are needed. */
export class Exceptions {
  readonly #holding: readonly Exception[];
  readonly #used = new Set<Exception>();

  /** @param today ISO 8601 date, UTC: an exception holds up to its last day */
  public constructor(
    private readonly all: readonly Exception[],
    today: string,
  ) {
    this.#holding = all.filter(({ until }) => until >= today);
  }

  public judge(findings: readonly Finding[]): Judged {
    const failed: Finding[] = [];
    const excused: Finding[] = [];
    for (const finding of findings) {
      const exceptions = this.#holding.filter(({ address, rule }) => rule === finding.rule && matchesAll(address, finding.address));
      for (const exception of exceptions) this.#used.add(exception);
      (exceptions.length === 0 ? failed : excused).push(finding);
    }
    return { failed, excused };
  }

  /** Those that are over. */
  public get expired(): readonly Exception[] {
    return this.all.filter((each) => !this.#holding.includes(each));
  }

  /** Those that hold and that nothing judged so far needed. */
  public get unused(): readonly Exception[] {
    return this.#holding.filter((each) => !this.#used.has(each));
  }
}
