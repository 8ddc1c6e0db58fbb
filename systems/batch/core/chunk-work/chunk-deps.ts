import type { LogEvent } from "../../../../kit/lib/log";
import type { ResultMessage } from "../../contracts/messages";
import type { CallMeter } from "../../../../kit/ports/call-meter";
import type { Clock } from "../../../../kit/ports/clock";
import type { Ledger } from "../../ports/ledger";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { ResultStore } from "../../ports/result-store";
import type { ServiceFaults } from "../../../../kit/ports/service-faults";
import type { SlotSessions } from "../workloads/sessions";
import type { WorkRoom } from "./work-split";
import type { AccessDeniedBreaker } from "./access-denied-breaker";
import type { GenerationWatch } from "./generation-watch";

/** When a commit group is closed, whichever comes first. */
export interface GroupLimits {
  /** Files in a group. */
  readonly maximumSplits: number;
  /** Bytes of files in a group, as stored. */
  readonly maximumBytes: number;
  /** Age of a group in milliseconds. */
  readonly maximumMilliseconds: number;
}

/**
 * 250 files keep a partial's result lines and the burst of table puts small; 64 MiB is at most a second or two of work to repeat
 * after a lost worker, and 20 s bounds it for slow files: a spot notice leaves 120 s.
 */
export const GROUP_LIMITS: GroupLimits = { maximumSplits: 250, maximumBytes: 64 * 1_048_576, maximumMilliseconds: 20_000 };

/** What working on chunks needs, the same for a fleet slot and for the Lambda. */
export interface ChunkDeps {
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly results: ResultStore;
  readonly stateBucket: string;
  readonly clock: Clock;
  readonly faults: ServiceFaults;
  readonly calls: CallMeter;
  /** What one piece of work may take. */
  readonly room: WorkRoom;
  readonly sessions: SlotSessions;
  readonly watch: GenerationWatch;
  readonly breaker: AccessDeniedBreaker;
  readonly groupLimits: GroupLimits;
  /** Sends acknowledgements; resolves when all were accepted. */
  readonly acknowledge: (messages: readonly ResultMessage[]) => Promise<void>;
  readonly log: LogEvent;
}
