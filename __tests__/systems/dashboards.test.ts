import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { AWS_METRICS } from "../../constructs/observability/aws-metrics";
import { METRIC_DIMENSION, METRIC_NAMESPACE } from "../../kit/lib/event-metrics";
import { BATCH_METRICS } from "../../systems/batch/contracts/metrics";
import { everyMediaEnvironment } from "../support/media-synth";
import { PROJECT } from "../support/project";
import { productFiles } from "../support/product-files";
import { allResources, everyEnvironment, type SynthesizedStack } from "../support/synth";

type Resources = Pick<SynthesizedStack, "resource">;
const of = (stack: Resources, type: string) => allResources(stack).filter((each) => each.type === type);
const environments = [
  ...everyEnvironment().map(({ name, config, stack }): { name: string; level: string; prefix: string; stack: Resources } => ({
    name: `batch-${name}`,
    level: config.observability.level,
    prefix: `${config.namePrefix}wordfreq`,
    stack,
  })),
  ...everyMediaEnvironment().map(({ name, config, stack }) => ({
    name: `media-${name}`,
    level: config.observability.level,
    prefix: `${config.namePrefix}media`,
    stack,
  })),
].filter(({ level }) => level === "full");

/** Of which resources a dimension's values are, and by which attribute. */
const DIMENSIONS: Readonly<Record<string, readonly [type: string, attribute: string]>> = {
  QueueName: ["aws_sqs_queue", "name"],
  FunctionName: ["aws_lambda_function", "function_name"],
  StateMachineArn: ["aws_sfn_state_machine", "arn"],
  TableName: ["aws_dynamodb_table", "name"],
  AutoScalingGroupName: ["aws_autoscaling_group", "name"],
  BucketName: ["aws_s3_bucket", "bucket"],
};
const STORAGE_TYPES = { BucketSizeBytes: "StandardStorage", NumberOfObjects: "AllStorageTypes" };

interface Shown {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What is wrong with a metric that a page or an alarm looks at: it would be empty without a word. */
function problemOf(stack: Resources, prefix: string, { dimensions, metricName, namespace }: Shown): string | undefined {
  if (namespace === METRIC_NAMESPACE) {
    if (Object.keys(dimensions).length === 0) {
      // of a filter, named by it
      return of(stack, "aws_cloudwatch_log_metric_filter").some(({ address }) => metricName === `\${${address}.name}`)
        ? undefined
        : "no filter";
    }
    if (!BATCH_METRICS.some(({ name }) => name === metricName)) return "no line carries it";
    return JSON.stringify(dimensions) === JSON.stringify({ [METRIC_DIMENSION]: prefix }) ? undefined : "another system's";
  }
  const known = Object.entries(AWS_METRICS).find(([name]) => name === namespace)?.[1];
  if (known === undefined) return "no namespace";
  if (!known.metrics.some((metric) => metric === metricName)) return "no metric of the namespace";
  if (JSON.stringify(Object.keys(dimensions).sort()) !== JSON.stringify([...known.dimensions].sort())) return "other dimensions";
  for (const [dimension, value] of Object.entries(dimensions)) {
    if (dimension === "StorageType") {
      if (!Object.entries(STORAGE_TYPES).some(([metric, type]) => metric === metricName && type === value)) return "no such storage type";
      continue;
    }
    const [type, attribute] = DIMENSIONS[dimension] ?? ["", ""];
    if (!of(stack, type).some(({ address }) => value === `\${${address}.${attribute}}`)) return `${value} is no ${attribute} of a ${type}`;
  }
  return undefined;
}

const optionsSchema = z.strictObject({
  label: z.string().optional(),
  id: z.string().optional(),
  visible: z.boolean().optional(),
  stat: z.enum(["Average", "Maximum", "Sum", "p50", "p99"]).optional(),
  expression: z.string().optional(),
});
const placeSchema = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const widgetSchema = z.discriminatedUnion("type", [
  placeSchema.extend({ type: z.literal("text"), properties: z.object({ markdown: z.string() }) }),
  placeSchema.extend({ type: z.literal("alarm"), properties: z.object({ alarms: z.array(z.string()) }) }),
  placeSchema.extend({
    type: z.literal("metric"),
    properties: z.object({ title: z.string(), region: z.string(), period: z.number(), metrics: z.array(z.array(z.unknown())).min(1) }),
  }),
]);
const pageOf = (stack: Resources) => {
  const [page, ...others] = of(stack, "aws_cloudwatch_dashboard");
  expect(others).toEqual([]);
  return z.object({ widgets: z.array(widgetSchema) }).parse(JSON.parse(String(page?.body["dashboard_body"]))).widgets;
};
const graphsOf = (stack: Resources) => pageOf(stack).flatMap((widget) => (widget.type === "metric" ? [widget.properties] : []));

/** Rows of a graph: metrics, and what is made of them. */
function rowsOf(metrics: readonly (readonly unknown[])[]) {
  const rows = metrics.map((row) => ({ row, options: optionsSchema.parse(row.at(-1)) }));
  const shown = rows.flatMap(({ row }): Shown[] => {
    if (row.length === 1) return [];
    const [namespace, metricName, ...pairs] = z.array(z.string()).parse(row.slice(0, -1));
    const dimensions = Object.fromEntries(pairs.flatMap((key, index) => (index % 2 === 0 ? [[key, pairs[index + 1] ?? ""]] : [])));
    return [{ namespace: namespace ?? "", metricName: metricName ?? "", dimensions }];
  });
  return { options: rows.map(({ options }) => options), shown };
}

/** Commands, functions and operators of Logs Insights that are used. */
const SYNTAX = new Set("filter fields stats sort limit by as desc asc and or like ispresent sum count".split(" "));
/** What each line has besides its event's own, and what CloudWatch adds. */
const COMMON = ["@timestamp", "@logStream", "level", "message", "service", "error.name", "error.message"];

const sources = productFiles()
  .filter((file) => !/^systems\/\w+\/simulation\//.test(file))
  .map((file) => readFileSync(path.join(PROJECT, file), "utf8"));
/** Calls of the log, each with its fields; what is spread there stands for its own (`...ref`: a generation). */
const calls = sources.flatMap((source) =>
  [...source.matchAll(/\blog\(\s*"(?:info|warn|error)",\s*"(\w+)"([^;]*);/g)].map(([, event = "", rest = ""]) => ({ event, rest })),
);
const EVENTS = new Set(calls.map(({ event }) => event));
const SPREAD = [
  "batchId",
  "generation",
  "slowestFile",
  "slowestMilliseconds",
  "processed",
  "skipped",
  "quarantined",
  "bytes",
  "uploadId",
  "bucket",
  "key",
];
const FIELDS = new Set([
  ...COMMON,
  ...SPREAD,
  ...calls.flatMap(({ rest }) => [...rest.matchAll(/\b([a-z]\w*)\b(?=\s*[,:}])/g)].map(([, field = ""]) => field)),
]);

describe.each(environments)("$name", ({ prefix, stack }) => {
  test("S2.91, S4.40, S4.41, S4.42, S4.50: no graph is empty by a typo: each metric is one that a resource of the stack, or a line of its log, reports", () => {
    const shown = graphsOf(stack).flatMap(({ metrics }) => rowsOf(metrics).shown);
    expect(shown.length).toBeGreaterThan(30);
    const problems = shown.map((metric) => ({ metric, problem: problemOf(stack, prefix, metric) }));
    expect(problems.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  test("and so is each that an alarm looks at", () => {
    const direct = z.object({ namespace: z.string(), metric_name: z.string(), dimensions: z.record(z.string(), z.string()).default({}) });
    const queries = z.object({ metric_query: z.array(z.object({ metric: direct.optional() })) });
    const shown = of(stack, "aws_cloudwatch_metric_alarm").flatMap(({ body }) => {
      const math = queries.safeParse(body);
      const metrics = math.success ? math.data.metric_query.flatMap(({ metric }) => metric ?? []) : [direct.parse(body)];
      return metrics.map(({ dimensions, metric_name: metricName, namespace }): Shown => ({ namespace, metricName, dimensions }));
    });
    expect(shown.length).toBeGreaterThanOrEqual(10);
    expect(shown.map((metric) => problemOf(stack, prefix, metric)).filter((problem) => problem !== undefined)).toEqual([]);
  });

  test("what an expression names is in its graph, once, and what is only named is hidden", () => {
    for (const { metrics, title } of graphsOf(stack)) {
      const { options } = rowsOf(metrics);
      const ids = options.flatMap(({ id }) => (id === undefined ? [] : [id]));
      expect(new Set(ids).size).toBe(ids.length);
      for (const { expression, label } of options.filter((each) => each.expression !== undefined)) {
        const named = [...(expression ?? "").matchAll(/\b[a-z]\w*/g)].map(([id]) => id);
        expect({ title, label, unknown: named.filter((id) => !ids.includes(id)), names: named.length > 0 }).toMatchObject({
          unknown: [],
          names: true,
        });
      }
      for (const { label, visible } of options) expect(label === undefined).toBe(visible === false);
    }
  });

  test("every alarm is on the page, and no two widgets lie on each other", () => {
    const widgets = pageOf(stack);
    const alarms = widgets.flatMap((widget) => (widget.type === "alarm" ? widget.properties.alarms : []));
    expect(alarms.sort()).toEqual(
      of(stack, "aws_cloudwatch_metric_alarm")
        .map(({ address }) => `\${${address}.arn}`)
        .sort(),
    );
    const cells = widgets.flatMap(({ height, width, x, y }) =>
      Array.from({ length: width * height }, (_, index) => `${x + (index % width)},${y + Math.floor(index / width)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...widgets.map(({ width, x }) => x + width))).toBeLessThanOrEqual(24);
  });

  test("S4.46: each saved query asks log groups of the stack for events and fields that are logged", () => {
    const queries = of(stack, "aws_cloudwatch_query_definition");
    expect(queries.length).toBeGreaterThan(2);
    const groups = of(stack, "aws_cloudwatch_log_group").map(({ address }) => `\${${address}.name}`);
    for (const { body } of queries) {
      const { log_group_names: asked, query_string: text } = z
        .object({ log_group_names: z.array(z.string()).min(1), query_string: z.string() })
        .parse(body);
      expect(asked.filter((group) => !groups.includes(group))).toEqual([]);
      const commands = text.split("\n| ").filter((command) => !command.startsWith("#"));
      const events = [...text.matchAll(/message !?= "(\w+)"/g)].map(([, event = ""]) => event);
      const made = [...text.matchAll(/ as (\w+)/g)].map(([, name = ""]) => name);
      const words = commands.flatMap((command) => command.replace(/"[^"]*"|\/[^/]*\//g, "").match(/@?[a-zA-Z][\w.]*/g) ?? []);
      const unknown = words.filter((word) => !SYNTAX.has(word) && !made.includes(word) && !FIELDS.has(word));
      expect({ query: body["name"], unknown, events: events.filter((event) => !EVENTS.has(event)) }).toMatchObject({
        unknown: [],
        events: [],
      });
    }
  });

  test("S4.56: the month's budget counts what has the stack's tag, and tells both routes", () => {
    const budgets = of(stack, "aws_budgets_budget");
    expect(budgets.map(({ body }) => body["cost_filter"])).toEqual(
      budgets.map(() => [{ name: "TagKeyValue", values: [expect.stringMatching(/^user:Stack\$(batch|media)-[a-z]+$/)] }]),
    );
    expect(JSON.stringify(budgets)).toContain("Critical");
    const [tagged] = of(stack, "aws_sqs_queue");
    const { Stack } = z.object({ Stack: z.string() }).parse(tagged?.body["tags"]);
    expect(JSON.stringify(budgets[0])).toContain(`user:Stack$${Stack}`);
  });

  test("every log group forgets after a while", () => {
    const groups = of(stack, "aws_cloudwatch_log_group");
    expect(groups.length).toBeGreaterThan(0);
    for (const { body } of groups) expect(body["retention_in_days"]).toBeGreaterThan(0);
  });
});
