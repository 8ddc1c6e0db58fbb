import { readFileSync } from "node:fs";
import fc from "fast-check";
import { ENVIRONMENT_NAMES } from "../../../../systems/batch/config/environment-names";
import { isStandardType, vcpusOf } from "../../../../systems/batch/config/instance-types";
import { configuration } from "../../../../systems/batch/config/configuration";
import { quotaNeeds } from "../../../../systems/batch/config/quota-needs";
import { NEW_ACCOUNT_FUNCTION_MEBIBYTES } from "../../../../systems/batch/core/quotas/compare-quotas";

/** vCPUs of all running instances, spot or on demand, that a new account has. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html */
const NEW_ACCOUNT_VCPUS = 5;

const needsOf = (name: string, variables: Readonly<Record<string, string>> = {}) =>
  quotaNeeds(configuration.load({ ...variables, FILEMILL_ENVIRONMENT: name }));

test.each(ENVIRONMENT_NAMES)(
  "%s deploys in a new account: no function has more memory than that gives, and nothing is kept of its concurrency",
  (name) => {
    const { functions } = configuration.load({ FILEMILL_ENVIRONMENT: name });
    const tooLarge = Object.entries(functions).filter(([, { memoryMebibytes }]) => memoryMebibytes > NEW_ACCOUNT_FUNCTION_MEBIBYTES);
    expect(tooLarge).toEqual([]);
    expect(needsOf(name).reserved_lambda_concurrency).toBe(0);
  },
);

test.each(ENVIRONMENT_NAMES.filter((name) => name !== "prod"))("%s never wants more vCPUs than a new account has", (name) => {
  const { on_demand_vcpus: onDemand, spot_vcpus: spot } = needsOf(name);
  expect(Math.max(onDemand, spot)).toBeLessThanOrEqual(NEW_ACCOUNT_VCPUS);
});

test("a share of on-demand instances is rounded up, and every instance is counted once", () => {
  const sizes = fc.record({
    maximumInstances: fc.integer({ min: 1, max: 5_000 }),
    percentage: fc.integer({ min: 0, max: 100 }),
    base: fc.integer({ min: 0, max: 20 }),
  });
  fc.assert(
    fc.property(sizes, ({ base, maximumInstances, percentage }) => {
      const config = configuration.load({ FILEMILL_ENVIRONMENT: "prod" });
      const sizes = { maximumInstances, onDemandPercentage: percentage, onDemandBaseCapacity: base };
      const fleet = { ...config.fleet, ...sizes, onDemandRescue: undefined };
      const needs = quotaNeeds({ ...config, fleet });
      expect(needs.spot_vcpus + needs.on_demand_vcpus).toBe(2 * maximumInstances);
      const onDemand = needs.on_demand_vcpus / 2;
      const share = Math.min(maximumInstances, base) + (Math.max(0, maximumInstances - base) * percentage) / 100;
      expect(onDemand).toBeGreaterThanOrEqual(share);
      expect(onDemand).toBeLessThan(share + 1);
    }),
  );
});

test("the most instances of the on-demand group are on demand beside the fleet's", () => {
  const config = configuration.load({ FILEMILL_ENVIRONMENT: "prod" });
  const without = quotaNeeds({ ...config, fleet: { ...config.fleet, onDemandRescue: undefined } });
  const onDemandRescue = { afterSpotLosses: 3, maximumInstances: 7 };
  const needs = quotaNeeds({ ...config, fleet: { ...config.fleet, onDemandRescue } });
  expect(needs).toEqual({ ...without, on_demand_vcpus: without.on_demand_vcpus + 7 * without.vcpus_per_instance });
});

test("the largest type counts", () => {
  expect(needsOf("dev", { FILEMILL_INSTANCE_TYPES: "c7g.large,c7g.4xlarge" })).toMatchObject({ vcpus_per_instance: 16, spot_vcpus: 32 });
});

test.each([
  ["t2.micro", 1],
  ["t2.medium", 2],
  ["t3.nano", 2],
  ["t4g.small", 2],
  ["c7g.medium", 1],
  ["c5.large", 2],
  ["c7i-flex.large", 2],
  ["m7g.xlarge", 4],
  ["c5n.18xlarge", 72],
  ["c7g.metal", undefined],
])("%s has %s vCPUs", (type, expected) => {
  expect(vcpusOf(type)).toBe(expected);
});

test.each([
  "g5.xlarge",
  "p4d.24xlarge",
  "inf2.xlarge",
  "trn1.2xlarge",
  "mac2.metal",
  "x2gd.large",
  "u-6tb1.56xlarge",
  "hpc7g.4xlarge",
  "dl1.24xlarge",
  "vt1.3xlarge",
])("%s has a quota of its own", (type) => {
  expect(isStandardType(type)).toBe(false);
});

test("README names what each deployed environment needs", () => {
  const readme = readFileSync("README.md", "utf8").replaceAll(/ +/g, " ");
  for (const name of ENVIRONMENT_NAMES.filter((each) => each !== "local")) {
    const {
      largest_function_mebibytes: memory,
      lambda_concurrency: concurrency,
      maximum_open_batches: batches,
      spot_vcpus: spot,
      on_demand_vcpus: onDemand,
    } = needsOf(name);
    const cells = [
      name,
      `${memory.toLocaleString("en-US")} MiB`,
      `${concurrency} a batch, ${batches} open batches`,
      String(spot),
      String(onDemand),
    ];
    expect(readme).toContain(`| ${cells.join(" | ")} |`);
  }
});
