import { createHash } from "node:crypto";
import type { z } from "zod";
import { canonicalJson } from "../kit/lib/canonical-json";
import { schemaProblem } from "../kit/lib/schema-problem";
import type { RequestedEncoding } from "./text/text-encodings";
import type { Artefact, WorkloadRecord } from "./record";
import { CheckedMerge, CheckedSession, WorkloadResultError } from "./checked-work";
import { WORKLOADS } from "./registry";
import { versionOf } from "./version";
import type { Cut, Merge, MergeContext, OpenContext, ResultTable, Session, Workload } from "./workload";

/** A workload is asked for that this program doesn't have. */
export class UnknownWorkloadError extends Error {
  public override readonly name = "UnknownWorkloadError";
  public readonly fix = `there are ${WORKLOADS.map(({ name }) => name).join(", ")}`;
  public constructor(name: string) {
    super(`there is no workload '${name}'`);
  }
}

/** A workload's options are not what it takes. */
export class WorkloadOptionsError extends Error {
  public override readonly name = "WorkloadOptionsError";
  public readonly fix = "correct the options; docs/workloads.md has them all";
  public constructor(name: string, problem: z.ZodError) {
    super(`options of workload ${name}: ${schemaProblem(problem)}`);
  }
}

const HASH_DIGITS = 16;

/**
 * A workload with its options: what the batch system works with. Results and totals are JSON that the workload's schemas took; nothing
 * else of a workload is known outside of it.
 */
export class BoundWorkload {
  /** Names what results were made with: workload, options and what the batch brought along. */
  public readonly hash: string;
  public readonly record: WorkloadRecord;

  private constructor(
    private readonly workload: Workload<unknown, unknown, unknown>,
    private readonly options: unknown,
    version: string,
    artefacts: readonly Artefact[],
  ) {
    const { name } = workload;
    const told = options as Record<string, unknown>;
    this.record = { name, version, options: told, ...(artefacts.length === 0 ? {} : { artefacts: [...artefacts] }) };
    this.hash = createHash("sha256")
      .update(canonicalJson([name, told, artefacts.map(({ name: artefact, sha256 }) => [artefact, sha256])]))
      .digest("hex")
      .slice(0, HASH_DIGITS);
  }

  /**
   * @param options as given; the workload's schema checks them and puts defaults in
   * @throws UnknownWorkloadError, WorkloadOptionsError
   */
  public static of(name: string, options: unknown, artefacts: readonly Artefact[] = []): BoundWorkload {
    const workload = workloadNamed(name);
    const parsed = workload.options.safeParse(options);
    if (!parsed.success) throw new WorkloadOptionsError(name, parsed.error);
    return new BoundWorkload(workload, parsed.data, versionWith(name, artefacts), artefacts);
  }

  /** The workload of a batch. @throws as `of` */
  public static ofRecord({ artefacts, name, options }: WorkloadRecord): BoundWorkload {
    return BoundWorkload.of(name, options, artefacts);
  }

  public get name(): string {
    return this.workload.name;
  }
  public get makesOutputs(): boolean {
    return this.workload.makesOutputs?.(this.options) ?? false;
  }
  /** Whether it may run in another thread. */
  public get computes(): boolean {
    return this.workload.computes ?? false;
  }
  public get cut(): Cut {
    return this.makesOutputs ? "never" : (this.workload.cut?.(this.options) ?? "never");
  }
  public get encoding(): RequestedEncoding {
    return this.workload.encoding?.(this.options) ?? "auto";
  }

  public async open(context: OpenContext): Promise<Session<unknown>> {
    return new CheckedSession(await this.workload.open(this.options, context), this);
  }

  public merge(context: MergeContext): Merge<unknown, unknown> {
    return new CheckedMerge(this.workload.merge(this.options, context), this);
  }

  /** @throws WorkloadResultError when it is no result of this workload */
  public checkResult(result: unknown): unknown {
    return this.checked(this.workload.result, result, "a result");
  }

  /** @throws WorkloadResultError when it is no total of this workload */
  public checkTotal(total: unknown): unknown {
    return this.checked(this.workload.total, total, "a total");
  }

  public toAttributes(result: unknown): Readonly<Record<string, unknown>> {
    return this.workload.item?.toAttributes(result) ?? { Result: result };
  }

  /** The result that a workload laid into the table. @throws UnknownWorkloadError; ZodError when it is none */
  public static resultOfItem(name: string, attributes: Readonly<Record<string, unknown>>): unknown {
    const { item, result } = workloadNamed(name);
    return result.parse(item === undefined ? attributes["Result"] : item.fromAttributes(attributes));
  }

  public isDoubtful(result: unknown): boolean {
    return this.workload.isDoubtful?.(result) ?? false;
  }

  /** The table of a workload's total. @returns undefined: it has none @throws UnknownWorkloadError */
  public static tableOf(name: string, total: unknown): ResultTable | undefined {
    const workload = workloadNamed(name);
    return workload.table?.(workload.total.parse(total));
  }

  /** The same workload with the options that an object's metadata asks for. */
  public wished(metadata: Readonly<Record<string, string>>): BoundWorkload {
    if (this.workload.wishes === undefined) return this;
    return new BoundWorkload(this.workload, this.workload.wishes(metadata, this.options), this.record.version, this.record.artefacts ?? []);
  }

  private checked(schema: z.ZodType, value: unknown, what: string): unknown {
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new WorkloadResultError(`${what} of workload ${this.name}: ${schemaProblem(parsed.error)}`);
    return parsed.data;
  }
}

const workloadNamed = (name: string): Workload<unknown, unknown, unknown> => {
  const found = WORKLOADS.find((workload) => workload.name === name);
  if (found === undefined) throw new UnknownWorkloadError(name);
  return found;
};

/** A user's own code is what it brought along; the rest of it is the project's. */
const versionWith = (name: string, artefacts: readonly Artefact[]): string =>
  artefacts.length === 0
    ? versionOf(name)
    : createHash("sha256")
        .update(canonicalJson([versionOf(name), artefacts.map(({ sha256 }) => sha256)]))
        .digest("hex")
        .slice(0, HASH_DIGITS);
