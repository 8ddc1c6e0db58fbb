import { jsonOf } from "../../lib/json-of";
import type { Plan, ResourceChange } from "../plan";
import type { Finding, Rule } from "../rule";
import { numberAt, textAt } from "../values";

/** AWS's advice for a queue that a function reads. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const VISIBILITY_TIMEOUTS = 6;
/** Lambda's own. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const DEFAULT_FUNCTION_SECONDS = 3;
/** SQS's own. */
const DEFAULT_VISIBILITY_SECONDS = 30;

/** Resources of a type that a value names: by the configuration's reference, or by ARN, URL or name. */
function named(plan: Plan, change: ResourceChange, attribute: string, type: string): ResourceChange | undefined {
  const referred = plan.referred(change, [attribute]).find((each) => each.type === type);
  if (referred !== undefined) return referred;
  const value = textAt(change.after, attribute);
  return value === undefined ? undefined : byName(plan, value, type);
}

const byName = (plan: Plan, name: string, type: string): ResourceChange | undefined =>
  plan.ofType(type).find(({ after }) => {
    const own = textAt(after, "function_name") ?? textAt(after, "name");
    return (
      [textAt(after, "arn"), textAt(after, "url"), own].includes(name) ||
      (own !== undefined && new RegExp(`:function:${escaped(own)}(:[^:]+)?$`).test(name))
    );
  });

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

const functionSeconds = (change: ResourceChange): number => numberAt(change.after, "timeout") ?? DEFAULT_FUNCTION_SECONDS;
const visibilitySeconds = (change: ResourceChange): number =>
  numberAt(change.after, "visibility_timeout_seconds") ?? DEFAULT_VISIBILITY_SECONDS;
const isTouched = (...changes: readonly ResourceChange[]): boolean => changes.some(({ action }) => action !== "none");

export const timeoutsFit: Rule = {
  id: "timeouts-fit",
  title: "what waits for something waits as long as that may take",
  severity: "block",
  *check(plan): Generator<Finding> {
    yield* queuesOfFunctions(plan);
    for (const machine of plan.ofType("aws_sfn_state_machine")) yield* tasksOf(plan, machine);
  },
};

/** A message must stay hidden while the function that got it works. */
function* queuesOfFunctions(plan: Plan): Generator<Finding> {
  for (const mapping of plan.ofType("aws_lambda_event_source_mapping")) {
    if (mapping.after === null) continue;
    const queue = named(plan, mapping, "event_source_arn", "aws_sqs_queue");
    const reader = named(plan, mapping, "function_name", "aws_lambda_function");
    if (queue === undefined || reader === undefined || !isTouched(mapping, queue, reader)) continue;
    const [hidden, runs] = [visibilitySeconds(queue), functionSeconds(reader)];
    const what = `messages are hidden for ${hidden} s, and ${reader.address} that reads them may run for ${runs} s`;
    const about = { address: queue.address, involves: [reader.address] };
    if (hidden < runs)
      yield {
        ...about,
        problem: `${what}: they are given to a second one meanwhile`,
        fix: `hide them for ${VISIBILITY_TIMEOUTS} times the function's timeout at least`,
      };
    else if (hidden < VISIBILITY_TIMEOUTS * runs)
      yield {
        ...about,
        severity: "warn",
        problem: `${what}; AWS advises ${VISIBILITY_TIMEOUTS} times as long, for retries when it is throttled`,
        fix: "hide them for longer, or let the function end sooner",
      };
  }
}

type State = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is State => typeof value === "object" && value !== null && !Array.isArray(value);

/** Every task of a definition, those inside of maps and branches included. */
function* statesOf(definition: unknown): Generator<[name: string, state: State]> {
  if (!isRecord(definition)) return;
  const { States: states } = definition;
  if (isRecord(states)) {
    for (const [name, state] of Object.entries(states)) {
      if (!isRecord(state)) continue;
      yield [name, state];
      yield* statesOf(state["ItemProcessor"] ?? state["Iterator"]);
      if (Array.isArray(state["Branches"])) for (const branch of state["Branches"] as readonly unknown[]) yield* statesOf(branch);
    }
  }
}

function* tasksOf(plan: Plan, machine: ResourceChange): Generator<Finding> {
  const definition = jsonOf(textAt(machine.after, "definition") ?? "null");
  for (const [name, state] of statesOf(definition)) {
    const [resource, seconds] = [state["Resource"], state["TimeoutSeconds"]];
    const parameters = state["Parameters"] ?? state["Arguments"];
    if (typeof resource !== "string" || typeof seconds !== "number" || !isRecord(parameters)) continue;
    const called = parameters["FunctionName"];
    const told = parameters["QueueUrl"];
    if (/states:::lambda:invoke$/.test(resource) && typeof called === "string") {
      const invoked = byName(plan, called, "aws_lambda_function");
      if (invoked !== undefined && isTouched(machine, invoked) && seconds < functionSeconds(invoked))
        yield {
          address: machine.address,
          involves: [invoked.address],
          problem: `task '${name}' is given up after ${seconds} s, and ${invoked.address} may run for ${functionSeconds(invoked)} s: it works on for nobody`,
          fix: "a task's timeout above the function's",
        };
    }
    if (/states:::sqs:sendMessage\.waitForTaskToken$/.test(resource) && typeof told === "string") {
      const queue = byName(plan, told, "aws_sqs_queue");
      if (queue !== undefined && isTouched(machine, queue) && seconds < visibilitySeconds(queue))
        yield {
          address: machine.address,
          involves: [queue.address],
          problem: `task '${name}' is given up after ${seconds} s, and its message may be hidden for ${visibilitySeconds(queue)} s: it is worked on for nobody`,
          fix: "a task's timeout above the queue's visibility timeout",
        };
    }
  }
}
