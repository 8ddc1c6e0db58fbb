import { readFileSync } from "node:fs";
import path from "node:path";
import { PROJECT } from "../support/command";
import { configurationOf, everyEnvironment, resourcesOf, synthesize } from "../support/synth";

const read = (name: string): string => readFileSync(path.join(PROJECT, "docs", name), "utf8");
const runbook = read("runbook.md");
const sections = new Map(
  runbook.split(/^## /m).map((section) => {
    const [title = "", ...rest] = section.split("\n");
    return [title, rest.join("\n")];
  }),
);
/** An alarm of its own watches a results queue that somebody reads. */
const withReader = configurationOf("dev", { FILEMILL_RESULTS_ARE_READ: "yes" });
const environments = [...everyEnvironment(), { name: "dev with a reader", config: withReader, stack: synthesize(withReader) }];
const alarms = environments.flatMap(({ name, config, stack }) =>
  resourcesOf(stack, "aws_cloudwatch_metric_alarm").map(({ body }) => ({
    environment: name,
    section: String(body["alarm_name"]).replace(config.namePrefix, ""),
    description: String(body["alarm_description"]),
  })),
);

test("every alarm has a section that says what it means, where to look and what to do, and its description leads there", () => {
  expect(alarms.length).toBeGreaterThan(10);
  for (const { environment, section, description } of alarms) {
    const text = sections.get(section) ?? "";
    const parts = ["**Means:**", "**Look:**", "**Do:**"].filter((part) => !text.includes(part));
    expect({ environment, section, parts }).toEqual({ environment, section, parts: [] });
    expect(description).toContain(`(docs/runbook.md#${section})`);
  }
});

test("no section is about an alarm that is no more", () => {
  const known = new Set(alarms.map(({ section }) => section));
  expect([...sections.keys()].filter((title) => title.startsWith("wordfreq-") && !known.has(title))).toEqual([]);
});

test("the events it names are told in docs/events.md", () => {
  const events = new Set([...read("events.md").matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, event]) => event));
  const outputs = ["worker_log_group"];
  const named = [...runbook.matchAll(/(?:`|\$\.message = ")([a-z]+(?:_[a-z]+)+)(?:`|")/g)].map(([, event = ""]) => event);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((event) => !events.has(event) && !outputs.includes(event))).toEqual([]);
});
