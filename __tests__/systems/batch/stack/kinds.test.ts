import { configurationOf, synthesize } from "../../../support/synth";
import { kindsAssertions } from "./assertions/kinds";
import { messagingAssertions } from "./assertions/messaging";
import { permissionsAssertions } from "./assertions/permissions";
import { processesAssertions } from "./assertions/processes";

describe.each([
  ["prod", { FILEMILL_RESERVED_LAMBDA_CONCURRENCY: "300", FILEMILL_RESULTS_ARE_READ: "yes", FILEMILL_NAME_PREFIX: "second-" }],
  ["coursework", { FILEMILL_SCALING: "step", FILEMILL_KEY_PAIR: "lab key", FILEMILL_INSTANCE_TYPES: "c5.large" }],
] as const)("kinds of resources of %s with %j", (name, variables) => {
  const config = configurationOf(name, variables);
  for (const { check, title } of kindsAssertions.of({ name, config, stack: synthesize(config) })) test(title, check);
});

describe("the stack of dev with uploads by a function", () => {
  const name = "dev";
  const config = configurationOf(name, { FILEMILL_INGEST: "lambda" });
  const stack = synthesize(config);
  for (const { of, subject } of [kindsAssertions, messagingAssertions, permissionsAssertions, processesAssertions])
    describe(subject, () => {
      for (const { check, title } of of({ name, config, stack })) test(title, check);
    });
});
