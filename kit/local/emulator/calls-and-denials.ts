import type { ReportedDenial } from "./launcher-report";

/** A call that IAM or a resource policy refused. */
export interface Denial {
  /** ARN of the caller; for a role `arn:aws:sts::...:assumed-role/ROLE/SESSION`. */
  readonly principal: string;
  /** IAM action that was missing, such as `dynamodb:PutItem`. */
  readonly action: string;
  /** API operation that was called, such as `dynamodb:TransactWriteItems`. */
  readonly operation: string;
  /** ARN of what it was called on; absent for actions that AWS knows no resource for. */
  readonly resource?: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** What the emulator's launcher reports of the calls it served. Counts are up to 200 ms old, denials are immediate. */
export class CallsAndDenials {
  private readonly counts = new Map<string, number>();
  private readonly seen: Denial[] = [];
  private resolveFirst: ((denial: Denial) => void) | undefined;
  /** Settles at the first denial, never otherwise. */
  public readonly firstDenial = new Promise<Denial>((resolve) => {
    this.resolveFirst = resolve;
  });

  /** Number of calls by `service:Operation`. */
  public calls(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  public denials(): readonly Denial[] {
    return [...this.seen];
  }

  public takeCalls(counts: Readonly<Record<string, number>>): void {
    for (const [operation, count] of Object.entries(counts)) this.counts.set(operation, (this.counts.get(operation) ?? 0) + count);
  }

  public takeDenial({ resource, time, ...call }: ReportedDenial): void {
    const denial = { ...call, ...(resource === undefined ? {} : { resource }), time: new Date(time * 1_000).toISOString() };
    this.seen.push(denial);
    this.resolveFirst?.(denial);
  }
}
