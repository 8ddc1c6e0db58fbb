import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { PROJECT } from "../support/command";
import { everyMediaEnvironment } from "../support/media-synth";
import { allResources, configurationOf, everyEnvironment, synthesize } from "../support/synth";
import { stackOutputsSchema as batchOutputs } from "../../systems/batch/contracts/stack-outputs";
import { stackOutputsSchema as mediaOutputs } from "../../systems/media/contracts/stack-outputs";
import { program } from "../systems/batch/cli/harness";

const read = (name: string): string => readFileSync(path.join(PROJECT, "docs", name), "utf8");
const runbook = read("runbook.md");
const sections = new Map(
  runbook.split(/^## /m).map((section) => {
    const [title = "", ...rest] = section.split("\n");
    return [title, rest.join("\n")];
  }),
);
/** An alarm of its own watches a results queue that somebody reads, and a function takes uploads. */
const withReader = configurationOf("dev", { FILEMILL_RESULTS_ARE_READ: "yes", FILEMILL_INGEST: "lambda" });
const environments = [
  ...everyEnvironment(),
  { name: "dev with a reader, uploads by a function", config: withReader, stack: synthesize(withReader) },
  ...everyMediaEnvironment().map((media) => ({ ...media, name: `media-${media.name}` })),
];
const alarms = environments.flatMap(({ name, config: { namePrefix }, stack }) =>
  allResources(stack)
    .filter(({ type }) => type === "aws_cloudwatch_metric_alarm")
    .map(({ body }) => ({
      environment: name,
      section: String(body["alarm_name"]).replace(namePrefix, ""),
      description: String(body["alarm_description"]),
      severity: z.object({ Severity: z.string().optional() }).parse(body["tags"]).Severity,
    })),
);

test("every alarm has a section that says what it means and how soon to look, where to look and what to do, and its description leads there", () => {
  expect(alarms.length).toBeGreaterThan(60);
  for (const { environment, section, description, severity } of alarms) {
    const text = sections.get(section) ?? "";
    const means = severity === undefined ? "**Means:**" : `**Means (${severity}):**`;
    const missing = [means, "**Look:**", "**Do:**"].filter((part) => !text.includes(part));
    expect({ environment, section, missing }).toEqual({ environment, section, missing: [] });
    expect(description).toContain(`(docs/runbook.md#${section})`);
  }
});

test("no section is about an alarm that is no more", () => {
  const known = new Set(alarms.map(({ section }) => section));
  expect([...sections.keys()].filter((title) => /^(wordfreq|media)-/.test(title) && !known.has(title))).toEqual([]);
});

test("every command of filemill that it names is one, with its options", async () => {
  const named = [...new Set([...runbook.matchAll(/npx filemill ([^`\n|#]*)/g)].map(([, line = ""]) => line.trim()))];
  expect(named.length).toBeGreaterThan(10);
  const { family } = await program();
  for (const line of named) {
    const verb = family.find(({ line: known, verbs }) => verbs.length === 0 && `filemill ${line} `.startsWith(`${known} `));
    const options = [...line.matchAll(/--[a-z-]+/g)].map(([option]) => option);
    const unknown = options.filter((option) => verb?.options.every(({ long }) => long !== option) !== false);
    expect({ line, isKnown: verb !== undefined, unknown }).toEqual({ line, isKnown: true, unknown: [] });
  }
});

test("every function whose log it reads, and every output that it takes, is of a stack", () => {
  const texts = environments.map(({ stack }) => JSON.stringify(stack)).join("\n");
  const functions = [...runbook.matchAll(/\/aws\/lambda\/([a-z-]+)/g)].map(([, name = ""]) => name);
  expect(functions.length).toBeGreaterThan(5);
  expect(functions.filter((name) => !texts.includes(`"${name}"`))).toEqual([]);
  const outputs = [...runbook.matchAll(/terraform output -raw (\w+)/g)].map(([, name = ""]) => name);
  const known = [...Object.keys(batchOutputs.shape), ...Object.keys(mediaOutputs.shape)];
  expect(outputs.length).toBeGreaterThan(3);
  expect(outputs.filter((name) => !known.includes(name))).toEqual([]);
});

test("the events it names are told in docs/events.md", () => {
  const events = new Set([...read("events.md").matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, event]) => event));
  const outputs = ["worker_log_group", "state_machine_arn", "failed_events_queue_url", "unknown_queue_url"];
  const named = [...runbook.matchAll(/(?:`|\$\.message = ")([a-z]+(?:_[a-z]+)+)(?:`|")/g)].map(([, event = ""]) => event);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((event) => !events.has(event) && !outputs.includes(event))).toEqual([]);
});
