import { before, instead, type Sabotage } from "../../../../kit/simulator/survey/sabotage";

const CHUNK_ROWS = "systems/batch/core/ledger/chunk-rows.ts";
const INTENT_ATTRIBUTE = "  intent: z.object({ claim: z.int().min(1), position: z.int().min(0) }).optional(),\n";

/** Rules that keep a slowdown, or a fleet that can't start, from feeding itself. */
export const FEEDBACK_SABOTAGES: readonly Sabotage[] = [
  {
    name: "throttling-strikes",
    provokedBy: ["dynamodb-throttled"],
    shownBy: 59,
    breaks: "a commit that a service did not take is a strike, and is not made again in place",
    patches: [instead("systems/batch/core/chunk-work/in-place.ts", "if (!faults.isServiceFault(error)) throw error;", "throw error;")],
  },
  {
    name: "intents-in-the-chunks-row",
    breaks: "an intent is an attribute of its chunk's row, which is written anew for each split with all that the chunk has settled",
    patches: [
      before("systems/batch/core/ledger/stored-chunk.ts", "  version: z.int().min(1),\n", INTENT_ATTRIBUTE),
      instead(
        CHUNK_ROWS,
        "await this.rows.update(key, checkedChange(storedIntentSchema, key, { set: row }));",
        "await this.changeHeld(ref, index, claim, { set: { intent: { claim, position } } });",
      ),
      instead(CHUNK_ROWS, 'remove: ["suspect"],', 'remove: ["intent", "suspect"],'),
      instead(
        CHUNK_ROWS,
        "const intent = storedIntentSchema.safeParse(await this.rows.get(intentKey(ref, row.index, row.claim)));",
        `const { intent: told } = (await this.rows.get(chunkKey(ref, row.index))) ?? {};
    const intent = { data: told?.claim === row.claim ? told : undefined };`,
      ),
    ],
  },
  {
    name: "halt-that-grows",
    breaks: "a halted fleet waits the longer for its next try the more hosts were given up",
    patches: [
      instead(
        "systems/batch/core/capacity/fleet-health.ts",
        "retryAt: now + RETRY_MILLISECONDS }",
        "retryAt: now + failedStarts * RETRY_MILLISECONDS }",
      ),
    ],
  },
  {
    name: "rest-without-end",
    breaks: "a worker that was recommended to leave its instance takes nothing more as long as it lives",
    patches: [
      instead(
        "worker/worker.ts",
        "    this.busyAt = this.deps.clock.monotonic();\n    this.notify();",
        "    this.deps.rests = () => true;",
      ),
    ],
  },
  {
    name: "neighbours-share-a-partition",
    breaks: "a thousand neighbouring chunks lie under one partition key",
    patches: [instead("systems/batch/core/ledger/row-keys.ts", "index % CHUNK_SHARDS", "Math.floor(index / (1_000 * CHUNK_SHARDS))")],
  },
  {
    name: "fleet-never-halted",
    provokedBy: ["host-never-starts"],
    breaks: "hosts that never start are replaced for ever",
    patches: [instead("systems/batch/core/capacity/fleet-health.ts", "failedStarts < FAILED_STARTS_UNTIL_HALT", "failedStarts > 0")],
  },
  {
    name: "backlog-over-demand",
    breaks: "the orchestrator launches a worker for every few chunks, whatever the plans priced",
    patches: [
      instead(
        "systems/batch/core/capacity/desired-capacity.ts",
        "facts.demanded > 0 ? facts.demanded : Math.ceil(facts.chunkBacklog / facts.slotsPerWorker)",
        "Math.max(facts.demanded, Math.ceil(facts.chunkBacklog / facts.slotsPerWorker))",
      ),
    ],
  },
];
