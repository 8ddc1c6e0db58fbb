import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App, Testing, TerraformStack } from "cdktf";
import { NodeFunction, type NodeFunctionProps } from "../../constructs/functions/node-function";

const folder = mkdtempSync(path.join(tmpdir(), "filemill-function-"));
const zipFile = path.join(folder, "x.zip");
writeFileSync(zipFile, "stand-in");
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const props: NodeFunctionProps = {
  functionName: "x",
  description: "x",
  zipFile,
  environment: { TABLE_NAME: "t" },
  memoryMebibytes: 128,
  timeoutSeconds: 3,
  ephemeralStorageMebibytes: 512,
  logRetentionDays: 1,
};

type Synthesized = { resource: Record<string, Record<string, Record<string, unknown>>> };

function synthesized(changes: Partial<NodeFunctionProps>): Synthesized {
  const stack = new TerraformStack(Testing.stubVersion(new App({ stackTraces: false, outdir: folder })), "s");
  new NodeFunction(stack, "X", { ...props, ...changes });
  return JSON.parse(Testing.synth(stack)) as Synthesized;
}

const lambdaWith = (changes: Partial<NodeFunctionProps>): Record<string, unknown> =>
  Object.values(synthesized(changes).resource["aws_lambda_function"] ?? {})[0] ?? {};

test("concurrency is reserved only when asked for", () => {
  expect(lambdaWith({})).not.toHaveProperty("reserved_concurrent_executions");
  expect(lambdaWith({ reservedConcurrency: 7 })["reserved_concurrent_executions"]).toBe(7);
});

test("what becomes of events that nobody waits for is stated only when asked for", () => {
  const configOf = (changes: Partial<NodeFunctionProps>): unknown => {
    const { resource } = synthesized(changes);
    return Object.values(resource["aws_lambda_function_event_invoke_config"] ?? {});
  };
  expect(configOf({})).toEqual([]);
  expect(configOf({ asynchronousEvents: { retries: 1, maximumAgeSeconds: 90 } })).toEqual([
    expect.objectContaining({ maximum_retry_attempts: 1, maximum_event_age_in_seconds: 90 }),
  ]);
});
