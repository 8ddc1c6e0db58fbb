import type { DeadLetterQueueName } from "./dead-letters/describe";
import type { Target as StackTarget } from "../../../kit/cli/target";
import type { StackOutputs } from "../contracts/stack-outputs";
import type { OnUnreadable } from "../core/ledger/unreadable-row";
import type { AccountQuotas } from "../../../kit/ports/account-quotas";
import type { WhoAmI } from "../../../kit/ports/caller";
import type { Clock } from "../../../kit/ports/clock";
import type { ConformanceTarget } from "../../../kit/ports/conformance-target";
import type { PurgeableQueue, QueueDepth } from "../../../kit/ports/capacity";
import type { Decompressor } from "../../../kit/ports/decompressor";
import type { DeployedCode } from "../../../kit/ports/deployed-code";
import type { Ledger } from "../ports/ledger";
import type { FleetView } from "../../../kit/ports/fleet-view";
import type { JobQueue, MessageSink } from "../../../kit/ports/job-queue";
import type { ObjectStore } from "../../../kit/ports/object-store";
import type { ResultStore } from "../ports/result-store";
import type { ServiceProbe } from "../../../kit/ports/service-probe";
import type { StackStorage } from "../../../kit/ports/stack-storage";
import type { TableScan } from "../../../kit/ports/table-scan";
import type { TableRecovery } from "../../../kit/ports/table-recovery";
import type { Workflow } from "../ports/workflow";

/** A stack to talk to. */
export type Target = StackTarget<StackOutputs>;

/** What `filemill doctor` looks at. */
export interface DoctorParts {
  readonly probe: ServiceProbe;
  /** Absent for the emulator, which has no quotas. */
  readonly quotas?: AccountQuotas;
  /** Whose credentials these are. */
  readonly whoAmI: WhoAmI;
  /** What runs, to be held against the sources. */
  readonly code: DeployedCode;
  /** true: the stack is the local emulator, whose differences from AWS are known. */
  readonly emulator: boolean;
  /** @param roleArn role of the temporary state machines. @default that of the stack's own */
  readonly conformanceTarget: (roleArn: string | undefined) => ConformanceTarget;
}

/** What `filemill drill restore` works with. */
export interface RecoveryParts {
  readonly tables: TableRecovery;
  /** Opens tables like the stack's own, by their names. */
  readonly open: (tables: { readonly results: string; readonly ledger: string }) => Pick<Services, "ledger" | "results">;
}

/** What `filemill load-test` watches, and empties when it is told to. */
export interface LoadTestParts {
  readonly fleet: FleetView;
  readonly jobs: PurgeableQueue;
  readonly results: PurgeableQueue;
  readonly table: TableScan;
}

/** A stack's parts behind their ports. */
export interface Services {
  readonly outputs: StackOutputs;
  readonly ledger: Ledger;
  readonly objects: ObjectStore;
  /** What the stack stores, for its end. */
  readonly storage: StackStorage;
  readonly workflow: Workflow;
  readonly results: ResultStore;
  readonly jobs: QueueDepth;
  readonly chunks: QueueDepth;
  /** Dead-letter queues, by the queue that their messages come from and go back to. */
  readonly deadLetters: Readonly<Record<DeadLetterQueueName, { readonly queue: JobQueue; readonly source: MessageSink }>>;
  /** Unpacks files that a verification counts again. */
  readonly decompressor: Decompressor;
  readonly doctor: DoctorParts;
  readonly recovery: RecoveryParts;
  readonly loadTest: LoadTestParts;
  readonly clock: Clock;
  readonly newId: () => string;
}

export type Connect = (target: Target, onUnreadable: OnUnreadable) => Promise<Services>;
