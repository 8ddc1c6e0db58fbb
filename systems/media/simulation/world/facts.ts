import type { SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import type { Trace } from "../../../../kit/simulator/kernel/trace";
import type { Violation } from "../../../../kit/simulator/survey/simulation";
import type { Route } from "../../contracts/media-types";
import { uploadMessageSchema } from "../../contracts/upload";
import type { MediaObject } from "../media-objects";

/** Invariant 15 (docs/invariants.md). */
export const UPLOAD_ONCE = 15;

/** An upload of a world: one version of one object. */
export interface SimUpload {
  readonly versionId: string;
  readonly object: MediaObject;
}

/** What an invocation did about sending an upload's message. */
interface Sender {
  readonly process: SimProcess;
  /** `sending`: nothing is known of it. `answered`: the queue has it. `failed`: nobody knows. */
  state: "sending" | "answered" | "failed";
}

interface Copy {
  readonly route: Route;
  readonly body: string;
}

/** Facts about one world, gathered where services carry calls out. */
export class Facts {
  public readonly violations: Violation[] = [];
  /** By the version's id. */
  public readonly uploads = new Map<string, SimUpload>();
  /** What queues took, by the version's id, in the order in which they took it. */
  public readonly copies = new Map<string, Copy[]>();
  /** Version ids of rows that anybody wrote, and of those that say that their message is sent. */
  public readonly rows = new Set<string>();
  public readonly sent = new Set<string>();
  private readonly senders = new Map<string, Sender[]>();
  private readonly succeeded = new WeakSet<SimProcess>();

  public constructor(private readonly trace: Trace) {}

  public violate(problem: string, invariant = UPLOAD_ONCE): void {
    this.violations.push({ invariant, problem });
    this.trace.add("CHECK", `invariant ${invariant} broken`, { problem });
  }

  /** An invocation says that its upload is done. */
  public succeed(process: SimProcess): void {
    this.succeeded.add(process);
  }

  /** An invocation begins to send. @returns tells how it ended */
  public sends(process: SimProcess, body: string): (state: "answered" | "failed") => void {
    const { versionId } = uploadMessageSchema.parse(JSON.parse(body));
    const sender: Sender = { process, state: "sending" };
    this.senders.set(versionId, [...(this.senders.get(versionId) ?? []), sender]);
    return (state) => {
      sender.state = state;
    };
  }

  /** A queue takes a message. */
  public taken(process: SimProcess, route: Route, body: string): void {
    const { versionId } = uploadMessageSchema.parse(JSON.parse(body));
    const before = this.copies.get(versionId) ?? [];
    this.copies.set(versionId, [...before, { route, body }]);
    if (!this.uploads.has(versionId)) this.violate(`a message tells of version ${versionId}, which nobody uploaded`);
    if (before.some((copy) => copy.body !== body || copy.route !== route)) this.violate(`two copies of the message of ${versionId} differ`);
    // what is on its way when its sender is lost comes whenever it comes
    if (!process.isAlive) return;
    for (const other of this.senders.get(versionId) ?? []) {
      if (other.process === process) continue;
      const mayNotHaveArrived = other.state === "failed" || (!other.process.isAlive && !this.succeeded.has(other.process));
      if (!mayNotHaveArrived)
        this.violate(`${process.name} sends the message of ${versionId}, which ${other.process.name} has sent or is about to send`);
    }
  }
}
