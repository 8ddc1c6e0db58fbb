import type { Invoker } from "../ports/invoker";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";

/** Hands an event to a function without waiting for its run. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html */
export class LambdaInvoker implements Invoker {
  public constructor(
    private readonly client: LambdaClient,
    private readonly functionName: string,
  ) {}

  /** @throws when Lambda did not take the event, such as AccessDeniedException without lambda:InvokeFunction */
  public async invokeAsync(event: unknown): Promise<void> {
    await this.client.send(new InvokeCommand({ FunctionName: this.functionName, InvocationType: "Event", Payload: JSON.stringify(event) }));
  }
}
