import type { Execution } from "./execution";
import { jsonText } from "./limits";
import { statesArn } from "./world";

/** A child as ResultWriter exports it. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html */
export const exportedResult = (child: Execution): object => ({
  ExecutionArn: child.arn,
  Input: jsonText(child.input),
  InputDetails: { Included: true },
  Name: child.name,
  ...(child.status === "SUCCEEDED" ? { Output: jsonText(child.outcome.output), OutputDetails: { Included: true } } : {}),
  ...(child.outcome.error === undefined ? {} : { Error: child.outcome.error }),
  ...(child.outcome.cause === undefined ? {} : { Cause: child.outcome.cause }),
  StartDate: new Date(child.startedAt).toISOString(),
  StateMachineArn: statesArn("stateMachine", child.machineName),
  Status: child.status,
  StopDate: new Date(child.stoppedAt ?? child.startedAt).toISOString(),
});

/** A child in the result of a Map without ResultWriter: the output alone, or all there is to say of a failure. */
export const childResult = (child: Execution): unknown => (child.status === "SUCCEEDED" ? child.outcome.output : exportedResult(child));
