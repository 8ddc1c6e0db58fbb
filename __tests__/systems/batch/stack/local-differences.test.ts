import { z } from "zod";
import { differingPaths } from "../../../support/differing-paths";
import { allResources, configurationOf, synthesize } from "../../../support/synth";

const devStack = synthesize(configurationOf("dev"));
const localStack = synthesize(configurationOf("local"));

test("both have the same resources", () => {
  const addresses = (stack: typeof devStack): string[] => allResources(stack).map(({ address }) => address);
  expect(addresses(localStack)).toEqual(addresses(devStack));
});

/** Where the listed values end up: no other attribute of any resource may differ. Ids and array positions are left out. */
const EXPECTED = [
  // by the name of the stack
  "aws_budgets_budget.cost_filter.values",
  "aws_autoscaling_group.tag.value",
  "aws_cloudwatch_metric_alarm.threshold",
  "aws_lambda_function.environment.variables",
  "aws_launch_template.tag_specifications.tags",
  "aws_s3_bucket.bucket",
  "aws_s3_object.key",
  "aws_s3_object.source",
  "aws_s3_object.source_hash",
  "aws_sfn_state_machine.definition",
  "aws_sqs_queue.visibility_timeout_seconds",
];

test("and they differ only where those values are written", () => {
  const placeOf = (found: string): string => {
    const [type, , ...attributes] = found.split(".");
    return [type, ...attributes.filter((part) => !/^\d+$/.test(part))].join(".");
  };
  const places = differingPaths(devStack.resource, localStack.resource)
    .filter((found) => !found.includes(".//") && !found.includes("metadata.path"))
    .map(placeOf)
    .filter((place) => !/\.tags\.(Environment|Owner|Stack)$/.test(place) || place.includes("tag_specifications"));
  const expected = new RegExp(`^(${EXPECTED.map((place) => place.replaceAll(".", "\\.")).join("|")})(\\.|$)`);
  expect(places.filter((place) => !expected.test(place))).toEqual([]);
  expect(places).not.toHaveLength(0);
});

test("in the state machine only concurrency and a timeout differ", () => {
  const definition = (stack: typeof devStack): unknown =>
    JSON.parse(z.string().parse(Object.values(stack.resource["aws_sfn_state_machine"] ?? {})[0]?.["definition"]));
  expect(
    differingPaths(definition(devStack), definition(localStack))
      .map((found) => found.split(".").at(-1))
      .sort(),
  ).toEqual(["MaxConcurrency", "MaxConcurrency", "MaxConcurrency", "TimeoutSeconds"]);
});

test("in the user data only the listed variables and the way to Node differ", () => {
  const lines = (stack: typeof devStack): string[] => Object.values(stack.locals).join("\n").split("\n");
  const [devLines, localLines] = [lines(devStack), lines(localStack)];
  const changed = [...devLines.filter((line) => !localLines.includes(line)), ...localLines.filter((line) => !devLines.includes(line))];
  expect([...new Set(changed.map((line) => line.split("=")[0]))].sort()).toEqual(["ExecStart", "WORKER_MESSAGE_VISIBILITY"]);
});
