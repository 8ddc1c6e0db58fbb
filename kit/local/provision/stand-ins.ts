import { DATA_SOURCES } from "./data-sources";
import type { Instead, ResourceType } from "./resource-type";
import { RESOURCE_TYPES } from "./resources";

/**
 * Something synthesized that a local run doesn't carry out as AWS does (invariant 10). `what` is a Terraform type, an argument
 * `type.argument`, or a field of the states language as `StateType.Field`.
 */
export interface StandIn extends Instead {
  readonly kind: "resource" | "argument" | "data" | "state-field";
  readonly what: string;
}

const ofTypes = (kind: "resource" | "data", types: ReadonlyMap<string, ResourceType>): StandIn[] =>
  [...types].flatMap(([name, { notHonoured }]) => [
    ...(notHonoured.type === undefined ? [] : [{ kind, what: name, ...notHonoured.type }]),
    ...Object.entries(notHonoured.arguments ?? {}).map(([argument, instead]): StandIn => ({
      kind: "argument",
      what: `${name}.${argument}`,
      ...instead,
    })),
  ]);

/**
 * Everything that a local run can't honour, each with its reason: what a type says of itself, and what is of no type. A test fails for what
 * is neither honoured nor here.
 */
export const STAND_INS: readonly StandIn[] = [
  ...ofTypes("resource", RESOURCE_TYPES),
  ...ofTypes("data", DATA_SOURCES),
  {
    kind: "argument",
    what: "aws_cloudwatch_event_target.dead_letter_config",
    instead: "nothing comes to that queue",
    reason: "on the emulator each event reaches its target at once; what a function then fails at goes to its own destination, as on AWS",
  },
  {
    kind: "argument",
    what: "*.tags",
    instead: "not sent",
    reason: "nothing of a local stack is billed or searched by tag; tests of the synthesized files check them",
  },
  {
    kind: "state-field",
    what: "Map.ResultWriter",
    instead: "nothing is written to S3; the map's output holds all results and is dropped by ResultPath null",
    reason: "nothing reads the files: the ledger has every outcome",
  },
  {
    kind: "state-field",
    what: "Map.ToleratedFailurePercentage",
    instead: "applied when all items have run, not earlier",
    reason: "at 100 % both are the same: a map never fails for its children",
  },
  {
    kind: "state-field",
    what: "Retry.JitterStrategy",
    instead: "the wait has no jitter",
    reason: "jitter spreads thousands of clients; here there are a handful",
  },
  {
    kind: "state-field",
    what: "Retry.ErrorEquals",
    instead:
      "a Lambda's own error names arrive as Runtime.HandlerError, so only States.ALL, States.TaskFailed and States.Timeout match them",
    reason: "the definition names Lambda's service errors besides; the emulator's Lambda has none of those",
  },
];
