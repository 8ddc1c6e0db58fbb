import { z } from "zod";
import type { TaskState } from "./definition";
import { checkDataLimit, jsonText, transported } from "./limits";
import { calledWith, inputOf, outputOf, scopeOf, type StateRun } from "./state-run";
import type { WaitingTask } from "./task-tokens";
import { untilOver } from "./until-over";

const invocationSchema = z.object({ FunctionName: z.string(), Payload: z.unknown() });
const messageSchema = z.object({ QueueUrl: z.string(), MessageBody: z.unknown() });

/** One attempt of a Task. Its retry gets a new token; the old one is dead. */
export async function runTask(run: StateRun, state: TaskState, attempt: number): Promise<unknown> {
  const { execution, stateName, world } = run;
  const callback = state.Resource.endsWith(".waitForTaskToken") ? world.tokens.issue() : undefined;
  try {
    const task = callback === undefined ? {} : { Task: { Token: callback.token } };
    const scope = scopeOf(run, inputOf(run, state.InputPath), task, attempt);
    const parameters = state.Parameters(scope);
    checkDataLimit(parameters, stateName, "input");
    // scheduled, started and ended; a callback's task is also submitted
    execution.record(callback === undefined ? 3 : 4);
    const result = await untilOver(run, state.TimeoutSeconds, (observed) =>
      callback === undefined ? invoke(run, parameters, observed) : sendAndWait(run, parameters, callback),
    );
    checkDataLimit(result, stateName, "result");
    const selected = state.ResultSelector === undefined ? result : state.ResultSelector({ ...scope, data: result });
    return outputOf(run, state.OutputPath, state.ResultPath(run.rawInput, selected));
  } finally {
    callback?.close();
  }
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html */
async function invoke({ world }: StateRun, parameters: unknown, observed: AbortSignal): Promise<unknown> {
  const { FunctionName, Payload } = calledWith(invocationSchema, parameters);
  const result = await world.services.invokeFunction(FunctionName, transported(Payload), observed);
  return { ExecutedVersion: "$LATEST", Payload: transported(result), StatusCode: 200 };
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token */
function sendAndWait({ world }: StateRun, parameters: unknown, { answer }: WaitingTask): Promise<unknown> {
  const { QueueUrl, MessageBody } = calledWith(messageSchema, parameters);
  const body = typeof MessageBody === "string" ? MessageBody : jsonText(MessageBody);
  const send = async (): Promise<void> => {
    if (world.sendTwice(QueueUrl, body)) await world.services.sendMessage(QueueUrl, body);
    await world.services.sendMessage(QueueUrl, body);
  };
  // who receives the message may answer before SQS's reply is back
  return Promise.race([answer, send().then(() => answer)]);
}
