import { LambdaClient } from "@aws-sdk/client-lambda";
import { LambdaInvoker } from "../../../kit/aws/lambda-invoker";
import { jsonError, STUB_CLIENT, StubHandler, type StubAnswer } from "../../support/stub-handler";

function invokerWith(answer: () => StubAnswer) {
  const stub = new StubHandler(answer);
  return { stub, invoker: new LambdaInvoker(new LambdaClient({ ...STUB_CLIENT, requestHandler: stub }), "dev-orchestrate") };
}

test("the event is handed over without waiting for the run", async () => {
  const { invoker, stub } = invokerWith(() => ({ status: 202 }));
  await invoker.invokeAsync({ a: 1 });
  expect(stub.requests[0]).toMatchObject({
    path: expect.stringContaining("/functions/dev-orchestrate/invocations") as unknown,
    body: '{"a":1}',
  });
  expect(stub.requests[0]?.headers["x-amz-invocation-type"]).toBe("Event");
});

test("a denial is thrown", async () => {
  const { invoker } = invokerWith(() => jsonError("AccessDeniedException", "not authorized to perform: lambda:InvokeFunction", 403));
  await expect(invoker.invokeAsync({})).rejects.toThrow("lambda:InvokeFunction");
});
