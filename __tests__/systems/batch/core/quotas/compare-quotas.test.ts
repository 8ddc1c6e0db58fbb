import fc from "fast-check";
import type { ConfiguredNeeds } from "../../../../../systems/batch/contracts/stack-outputs";
import type { QuotaAnswers } from "../../../../../kit/ports/account-quotas";
import { compareQuotas } from "../../../../../systems/batch/core/quotas/compare-quotas";

const PROD: ConfiguredNeeds = {
  largest_function_mebibytes: 3_008,
  lambda_concurrency: 800,
  reserved_lambda_concurrency: 0,
  maximum_open_batches: 20,
  vcpus_per_instance: 2,
  spot_vcpus: 180,
  on_demand_vcpus: 20,
};
const answersOf = (invocations: number, vcpus: number): QuotaAnswers => ({
  lambdaConcurrency: { value: invocations },
  unreservedLambdaConcurrency: { value: invocations },
  spotVcpus: { value: vcpus },
  onDemandVcpus: { value: vcpus },
});
const ROWS = { memory: "MiB of", lambda: "Lambda invocations", spot: "spot vCPUs", onDemand: "on-demand vCPUs" } as const;
const verdictOf = (row: keyof typeof ROWS, configured: ConfiguredNeeds, answers: QuotaAnswers) =>
  compareQuotas(configured, answers).find(({ quota }) => quota.startsWith(ROWS[row]));

test("a new account: what binds, by how much, and what can be done", () => {
  const answers = answersOf(10, 5);
  expect(compareQuotas(PROD, answers).map(({ verdict }) => verdict)).toEqual(["enough", "binds", "binds", "binds"]);
  expect(verdictOf("lambda", PROD, answers)?.says).toContain("works on 10 chunks at a time, the others wait");
  expect(verdictOf("spot", PROD, answers)).toEqual({
    quota: "spot vCPUs (L-34B43A08)",
    needed: 180,
    has: 5,
    verdict: "binds",
    says: "2 of 90 instances can run: ask for more in Service Quotas, or lower FILEMILL_MAXIMUM_INSTANCES",
  });
});

test("never enough where fewer vCPUs are there than are needed, and the instances that can run fit", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2_000 }),
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 96 }),
      (has, instances, each) => {
        const configured = { ...PROD, vcpus_per_instance: each, spot_vcpus: instances * each };
        const found = verdictOf("spot", configured, answersOf(1_000, has));
        expect(found?.verdict).toBe(has < instances * each ? "binds" : "enough");
        const running = Number(/^(?:all )?(\d+)/.exec(found?.says ?? "")?.[1]);
        expect(running * each).toBeLessThanOrEqual(Math.max(has, 0));
        expect((running + 1) * each > has || running === instances).toBe(true);
      },
    ),
  );
});

test.each([
  ["fewer than one batch may have", 799, 0, "binds"],
  ["enough for one batch, taken whole by two", 1_000, 0, "shared"],
  ["enough for all open batches", 16_000, 0, "enough"],
  ["some are kept, so nobody else waits", 1_000, 900, "enough"],
  ["fewer than are kept", 500, 900, "binds"],
] as const)("Lambda invocations: %s", (_what, has, reserved, expected) => {
  expect(verdictOf("lambda", { ...PROD, reserved_lambda_concurrency: reserved }, answersOf(has, 1_000))?.verdict).toBe(expected);
});

test("what could not be learned is unknown, with its reason, and never enough", () => {
  const problem = { problem: "it takes the permission x:Y" };
  const answers = { lambdaConcurrency: problem, unreservedLambdaConcurrency: problem, spotVcpus: problem, onDemandVcpus: {} };
  const [, ...asked] = compareQuotas(PROD, answers);
  expect(asked.map(({ verdict }) => verdict)).toEqual(["unknown", "unknown", "unknown"]);
  expect(asked.map(({ says }) => says)).toEqual([
    "could not be learned: it takes the permission x:Y",
    "could not be learned: it takes the permission x:Y",
    "could not be learned: the answer has no value",
  ]);
  expect(asked.every(({ has }) => has === undefined)).toBe(true);
});

test("AWS's default is said to be one; a kind of instance that no fleet has is left out", () => {
  const answers = { ...answersOf(1_000, 500), spotVcpus: { value: 5, isDefault: true } };
  const quotas = compareQuotas({ ...PROD, on_demand_vcpus: 0 }, answers);
  expect(quotas).toHaveLength(3);
  expect(quotas[2]?.says).toContain("2 of 90 instances can run (AWS's default)");
});

test("more memory than a new account gives is no known good", () => {
  expect(verdictOf("memory", { ...PROD, largest_function_mebibytes: 3_009 }, answersOf(1_000, 500))?.verdict).toBe("unknown");
});
