import { z } from "zod";
import { neededByMachine } from "../../kit/local/provision/machine-permissions";
import { BATCHES_PREFIX } from "../../systems/batch/contracts/state-keys";
import { everyStack } from "../support/every-stack";
import { resolveText, SAMPLE_ACCOUNT_ID } from "../support/resolve";
import { resourceAt, resourcesOf, statementsOf, type SynthesizedStack } from "../support/synth";

const REGION = "us-east-1";

/** What the reference paths of machines stand for, by the system. A path that isn't here has no permission that fits. */
const PATHS: Readonly<Record<string, (stack: SynthesizedStack) => Readonly<Record<string, string>>>> = {
  batch: (stack) => ({
    "$.plan.stateBucket": z.string().parse(resourceAt(stack, "aws_s3_bucket", "Data/State").body["bucket"]),
    "$.plan.chunksKey": `${BATCHES_PREFIX}*`,
  }),
};

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** `action on resource` of every statement of a role, by the role's address. */
function granted(stack: SynthesizedStack, roleReference: string): string[] {
  const role = /^\$\{aws_iam_role\.([\w-]+)\.arn\}$/.exec(roleReference)?.[1] ?? "";
  const policies = resourcesOf(stack, "aws_iam_role_policy").filter(({ body }) => body["role"] === `\${aws_iam_role.${role}.name}`);
  expect(policies).toHaveLength(1);
  return policies.flatMap(({ body }) =>
    statementsOf(body["policy"]).flatMap(({ Action, Resource = [] }) =>
      Action.flatMap((action) => Resource.map((resource) => `${action} on ${resolveText(stack, resource)}`)),
    ),
  );
}

test("the role of each state machine has what its definition needs by AWS's pages, and nothing else (S1.51, invariant 11)", async () => {
  const compared: string[] = [];
  for (const { system, environment, stack } of await everyStack()) {
    for (const { address, body } of Object.entries(stack.resource["aws_sfn_state_machine"] ?? {}).map(([id, each]) => ({
      address: `${system}-${environment} ${id}`,
      body: z.object({ name: z.string(), definition: z.string(), role_arn: z.string() }).parse(each),
    }))) {
      const needed = neededByMachine({
        name: body.name,
        arn: `arn:aws:states:${REGION}:${SAMPLE_ACCOUNT_ID}:stateMachine:${body.name}`,
        definition: resolveText(stack, body.definition),
        region: REGION,
        accountId: SAMPLE_ACCOUNT_ID,
        buckets: [],
        paths: PATHS[system]?.(stack) ?? {},
      }).flatMap(({ action, resources }) => resources.map((resource) => `${action} on ${resource}`));
      expect({ address, may: sorted(granted(stack, body.role_arn)) }).toEqual({ address, may: sorted(needed) });
      compared.push(address);
    }
  }
  expect(compared.map((address) => address.replace(/ .*$/, ""))).toEqual(
    expect.arrayContaining(["batch-dev", "batch-local", "batch-prod"]),
  );
});
