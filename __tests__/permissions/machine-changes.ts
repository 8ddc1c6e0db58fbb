import { z } from "zod";
import { FLEET_CHILD_STATE_NAMES, STATE_NAMES } from "../../systems/batch/contracts/names";
import { LOCAL_ACCOUNT_ID } from "../../kit/local/emulator/emulator";
import { setWorkerVariables } from "../support/permissions";
import { resourceAt, statementsOf, type SynthesizedStack } from "../support/synth";

const states = z.record(z.string(), z.record(z.string(), z.unknown()));
type States = z.output<typeof states>;
const definitionSchema = z.looseObject({ States: states });

export function changeStates(stack: SynthesizedStack, change: (of: States) => void): void {
  const { body } = resourceAt(stack, "aws_sfn_state_machine", "Workflow/Machine");
  const definition = definitionSchema.parse(JSON.parse(z.string().parse(body["definition"])));
  change(definition.States);
  Object.assign(body, { definition: JSON.stringify(definition) });
}

/** Changes the state that sends a chunk. */
export function changeSending(stack: SynthesizedStack, change: (state: Record<string, unknown>) => void): void {
  changeStates(stack, (of) => {
    const children = z.object({ States: states }).parse(of[STATE_NAMES.mapFleet]?.["ItemProcessor"]).States;
    change(children[FLEET_CHILD_STATE_NAMES.send] ?? {});
    Object.assign(of[STATE_NAMES.mapFleet]?.["ItemProcessor"] ?? {}, { States: children });
  });
}

/** A chunk's message goes elsewhere, and nobody waits long for its answer. */
export function sendChunksTo(stack: SynthesizedStack, queuePath: string, message: Readonly<Record<string, unknown>> = {}): void {
  const { address } = resourceAt(stack, "aws_sqs_queue", queuePath);
  changeSending(stack, (state) => {
    const parameters = z.object({ MessageBody: z.record(z.string(), z.unknown()) }).parse(state["Parameters"]);
    const changed = { QueueUrl: `\${${address}.url}`, MessageBody: { ...parameters.MessageBody, ...message } };
    Object.assign(state, { Parameters: changed, TimeoutSeconds: 3 });
  });
  allowMachine(stack, "SendElsewhere", "sqs:SendMessage", `\${${address}.arn}`);
}

/** Calls a function between two states, which else only its rule calls: minutes away, or never here. */
export function callBefore(
  stack: SynthesizedStack,
  next: string,
  functionPath: string,
  { payload = {}, after = 0 }: { readonly payload?: object; readonly after?: number } = {},
): void {
  const { body } = resourceAt(stack, "aws_lambda_function", functionPath);
  // not a reference: the function may need the machine, so one to it would make a circle
  const functionArn = `arn:aws:lambda:us-east-1:${LOCAL_ACCOUNT_ID}:function:${z.string().parse(body["function_name"])}`;
  const called = `Call${functionPath.replace("/", "")}Before${next}`;
  changeStates(stack, (of) => {
    for (const state of Object.values(of)) if (state["Next"] === next) state["Next"] = `Await${called}`;
    of[`Await${called}`] = { Type: "Wait", Seconds: after, Next: called };
    of[called] = {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: functionArn, Payload: payload },
      ResultPath: null,
      TimeoutSeconds: 60,
      Next: next,
    };
  });
  allowMachine(stack, called, "lambda:InvokeFunction", functionArn);
}

/** Puts a message into a queue between two states. */
export function sendBefore(stack: SynthesizedStack, next: string, queuePath: string, message: Readonly<Record<string, unknown>>): void {
  const { address } = resourceAt(stack, "aws_sqs_queue", queuePath);
  changeStates(stack, (of) => {
    const sent = `Send${Object.keys(of).length}Before${next}`;
    for (const state of Object.values(of)) if (state["Next"] === next) state["Next"] = sent;
    of[sent] = {
      Type: "Task",
      Resource: "arn:aws:states:::sqs:sendMessage",
      Parameters: { QueueUrl: `\${${address}.url}`, MessageBody: message },
      ResultPath: null,
      TimeoutSeconds: 60,
      Next: next,
    };
  });
  allowMachine(stack, "SendBefore", "sqs:SendMessage", `\${${address}.arn}`);
}

/** The worker takes its jobs from another queue, where there are none. */
export function deafToJobs(stack: SynthesizedStack): void {
  const { address } = resourceAt(stack, "aws_sqs_queue", "Data/Results/DeadLetters");
  setWorkerVariables(stack, () => ({ WORKER_QUEUE_URL: `\${${address}.url}` }));
  allow(stack, "Fleet/Template/Role/Policy", "TakeElsewhere", "sqs:ReceiveMessage", `\${${address}.arn}`);
}

const allowMachine = (stack: SynthesizedStack, sid: string, action: string, resource: string): void => {
  allow(stack, "Workflow/Machine/Role/Policy", sid, action, resource);
};

function allow(stack: SynthesizedStack, policyPath: string, sid: string, action: string, resource: string): void {
  const { body } = resourceAt(stack, "aws_iam_role_policy", policyPath);
  const added = { Sid: sid, Effect: "Allow", Action: [action], Resource: [resource] };
  Object.assign(body, { policy: JSON.stringify({ Version: "2012-10-17", Statement: [...statementsOf(body["policy"]), added] }) });
}
