import { configurationOf, synthesize } from "../../../support/synth";
import { kindsAssertions } from "./assertions/kinds";

describe.each([
  ["prod", { FILEMILL_RESERVED_LAMBDA_CONCURRENCY: "300", FILEMILL_RESULTS_ARE_READ: "yes", FILEMILL_NAME_PREFIX: "second-" }],
  ["coursework", { FILEMILL_SCALING: "step", FILEMILL_KEY_PAIR: "lab key", FILEMILL_INSTANCE_TYPES: "c5.large" }],
] as const)("kinds of resources of %s with %j", (name, variables) => {
  const config = configurationOf(name, variables);
  for (const { check, title } of kindsAssertions.of({ name, config, stack: synthesize(config) })) test(title, check);
});
