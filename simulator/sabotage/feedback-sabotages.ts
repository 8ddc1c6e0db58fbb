import { instead, type Sabotage } from "./patches";

/** Rules that keep a slowdown, or a fleet that can't start, from feeding itself. */
export const FEEDBACK_SABOTAGES: readonly Sabotage[] = [
  {
    name: "throttling-strikes",
    breaks: "a commit that a service did not take is a strike, and is not made again in place",
    patches: [instead("core/chunk-work/in-place.ts", "if (!faults.isServiceFault(error)) throw error;", "throw error;")],
  },
  {
    name: "intents-in-the-chunks-row",
    breaks: "an intent rewrites the row of its chunk",
    patches: [instead("core/ledger/chunk-rows.ts", "const key = intentKey(ref, index, claim);", "const key = chunkKey(ref, index);")],
  },
  {
    name: "neighbours-share-a-partition",
    breaks: "a thousand neighbouring chunks lie under one partition key",
    patches: [instead("core/ledger/row-keys.ts", "index % CHUNK_SHARDS", "Math.floor(index / (1_000 * CHUNK_SHARDS))")],
  },
  {
    name: "policies-beside-the-orchestrator",
    breaks: "scaling policies raise the capacity each minute that messages wait",
    patches: [
      instead(
        "simulator/world/scaling-alarms.ts",
        "const POLICIES: readonly ScalingPolicy[] = [];",
        'const POLICIES: readonly ScalingPolicy[] = [{ queue: "chunks", from: 1, add: 1 }, { queue: "jobs", from: 1, add: 1 }];',
      ),
    ],
  },
  {
    name: "fleet-never-halted",
    breaks: "hosts that never start are replaced for ever",
    patches: [instead("core/capacity/fleet-health.ts", "failedStarts < FAILED_STARTS_UNTIL_HALT", "failedStarts > 0")],
  },
  {
    name: "backlog-over-demand",
    breaks: "the orchestrator launches a worker for every few chunks, whatever the plans priced",
    patches: [
      instead(
        "core/capacity/desired-capacity.ts",
        "facts.demanded > 0 ? facts.demanded : Math.ceil(facts.chunkBacklog / facts.slotsPerWorker)",
        "Math.max(facts.demanded, Math.ceil(facts.chunkBacklog / facts.slotsPerWorker))",
      ),
    ],
  },
];
