import type { GenerationRef } from "../../contracts/batch";
import { RowLedger } from "../../core/ledger/row-ledger";
import type { OnUnreadable } from "../../core/ledger/unreadable-row";
import type { Clock } from "../../../../kit/ports/clock";
import type { RowChange, RowCondition, RowKey, RowStore, RowUpdateResult } from "../../../../kit/ports/row-store";
import { writeUnits } from "../../../../kit/simulator/kernel/throughput";
import { idOf, type Facts } from "./facts";
import type { LedgerHistory } from "./ledger-watch";

/**
 * What an intent may cost, in a world's write units: its row is two keys, a position and an end, which is one unit of 1 KB on AWS and
 * as much smaller here as all sizes. A row that holds what its chunk settled takes four units when it is new, and grows.
 */
const MOST_INTENT_UNITS = 2;

/** A ledger as one process has it, and where its changes arrive. */
export interface WatchedLedgerDeps {
  /** The ledger's table as the process reaches it, given what carries its calls out. */
  readonly reach: (carriedOut: RowStore) => RowStore;
  readonly rows: RowStore;
  readonly clock: Clock;
  readonly onUnreadable: OnUnreadable;
  readonly facts: Facts;
  readonly history: LedgerHistory;
  /** The id that this process claims under. */
  readonly worker: string;
  readonly now: () => number;
}

/** The ledger of one process, with an eye on what it says before it works on a split: wherever the ledger keeps it. */
export class WatchedLedger extends RowLedger {
  public constructor(private readonly deps: WatchedLedgerDeps) {
    super(deps.reach(deps.rows), deps.clock, deps.onUnreadable);
  }

  public override intend(ref: GenerationRef, index: number, claim: number, position: number): Promise<void> {
    const { clock, onUnreadable, reach, rows } = this.deps;
    const noted = new NotedUpdates(rows, (written) => {
      this.note(`${idOf(ref)}/${index}`, position, written);
    });
    return new RowLedger(reach(noted), clock, onUnreadable).intend(ref, index, claim, position);
  }

  private note(chunk: string, position: number, units: number): void {
    const { facts, history, now, worker } = this.deps;
    history.intended(chunk, position, { worker, at: now() });
    if (units > MOST_INTENT_UNITS)
      facts.violate(13, `an intent of chunk ${chunk} costs ${units} write units, at most ${MOST_INTENT_UNITS} are to be`);
  }
}

/** Tells what each update that is carried out costs, in write units. */
class NotedUpdates implements RowStore {
  public readonly get: RowStore["get"];
  public readonly put: RowStore["put"];
  public readonly createAll: RowStore["createAll"];
  public readonly query: RowStore["query"];

  public constructor(
    private readonly rows: RowStore,
    private readonly tell: (units: number) => void,
  ) {
    this.get = rows.get.bind(rows);
    this.put = rows.put.bind(rows);
    this.createAll = rows.createAll.bind(rows);
    this.query = rows.query.bind(rows);
  }

  public async update(key: RowKey, change: RowChange, condition?: RowCondition): Promise<RowUpdateResult> {
    const result = await this.rows.update(key, change, condition);
    if (result.status === "changed") this.tell(writeUnits(result.row));
    return result;
  }
}
