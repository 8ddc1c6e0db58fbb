import type { ActivityView, AlarmView, GroupView, ScalingView } from "../../local";
import { printable } from "../../lib/printable";
import { UsageError } from "../command-errors";
import { ValueOption, type Verb } from "../help/verb";
import { printJson } from "../json";
import type { BackgroundStack } from "../local/local-runtime";
import { jsonOption, limitOption, wholeNumber, type JsonOption } from "../options";
import { renderTable } from "../render/table";
import { tableColumns } from "../terminal/terminal";
import type { VerbContext } from "../verb-context";

interface ScaleOptions extends JsonOption {
  readonly limit: number;
  readonly desired?: number;
  readonly interrupt?: string;
  readonly rebalance?: string;
}

/** As many activities as a screen has room for. */
const SHOWN_ACTIVITIES = 20;
/** More than any group of this machine has. */
const MOST_INSTANCES = 10_000;
/** Of a table's last column. */
const LEAST_TEXT = 20;

export function addLocalScale(local: Verb, context: VerbContext): void {
  local
    .command("scale")
    .description("what Auto Scaling of the local stack did and why; or order something of it")
    .addOption(limitOption("so many activities of each group, the latest", SHOWN_ACTIVITIES))
    .addOption(new ValueOption("--desired <n>", "set the desired capacity of the group", "2").argParser(wholeNumber(0, MOST_INSTANCES)))
    .addOption(
      new ValueOption("--interrupt <instance>", "EC2 takes this spot instance back, with its two minutes of notice", "i-0123456789abcdef0"),
    )
    .addOption(new ValueOption("--rebalance <instance>", "EC2 recommends to replace this spot instance", "i-0123456789abcdef0"))
    .addOption(jsonOption())
    .withExamples([
      ["npx filemill local scale", "sizes, instances, activities with their causes, alarms"],
      ["npx filemill local scale --desired 2"],
      ["npx filemill local scale --interrupt i-0123456789abcdef0"],
      ["npx filemill local scale --json | jq '.groups[].instances'"],
    ])
    .action((options: ScaleOptions) => localScale(context, options));
}

async function localScale(context: VerbContext, options: ScaleOptions): Promise<void> {
  const { local, terminal } = context;
  const stack = await local.findBackground();
  if (stack === undefined) throw new UsageError("no local stack is up", "start one with `npx filemill local up`");
  await carryOut(context, stack, options);
  const view = await local.readScaling(stack, options.limit);
  if (options.json === true) printJson(terminal, { timeFactor: stack.timeFactor ?? 1, ...view });
  else terminal.stdout.write(describe(view, stack, tableColumns(terminal)));
}

/** What was asked for besides the look. */
async function carryOut({ local, reporter }: VerbContext, stack: BackgroundStack, options: ScaleOptions): Promise<void> {
  const { desired, interrupt, rebalance } = options;
  if (desired !== undefined) {
    const { groups } = await local.readScaling(stack, 1);
    const [group, ...others] = groups;
    if (group === undefined || others.length > 0) throw new UsageError(`--desired: the stack has ${groups.length} groups`, "leave it out");
    if (desired < group.minimum || desired > group.maximum)
      throw new UsageError(
        `--desired ${desired}: ${group.name} has ${group.minimum} to ${group.maximum} instances`,
        "give a number between them",
      );
    await local.setDesired(stack, group.name, desired);
  }
  if (interrupt !== undefined) {
    await local.orderFleet({ order: "interrupt", instanceId: interrupt });
    reporter.say(`EC2 takes ${printable(interrupt)} in two minutes of the policies' time`);
  }
  if (rebalance !== undefined) await local.orderFleet({ order: "rebalance", instanceId: rebalance });
}

function describe({ alarms, groups }: ScalingView, { timeFactor = 1 }: BackgroundStack, width: number): string {
  const pace = timeFactor === 1 ? "" : `time of policies: ${timeFactor} s in a second\n`;
  return pace + [...groups.flatMap((group) => groupText(group, width)), ...alarmsText(alarms, width)].join("\n") + "\n";
}

function groupText({ activities, desired, instances, maximum, minimum, name, suspended }: GroupView, width: number): string[] {
  return [
    `${printable(name)}: ${minimum} to ${maximum} instances, ${desired} desired, ${instances.length} there`,
    ...(suspended.length === 0 ? [] : [`suspended: ${printable(suspended.join(", "))}`]),
    ...(instances.length === 0
      ? []
      : [
          renderTable(
            [{ head: "instance" }, { head: "state" }, { head: "zone" }, { head: "market" }, { head: "type" }],
            instances.map(({ id, instanceType, market, state, zone }) => [id, state, zone, market, instanceType]),
            width,
          ),
        ]),
    ...(activities.length === 0
      ? ["no activities so far"]
      : [
          renderTable(
            [{ head: "at" }, { head: "status" }, { head: "activity", least: LEAST_TEXT }, { head: "cause", least: LEAST_TEXT }],
            activities.map((activity) => [timeOf(activity.startedAt), activity.status, activity.description, causeOf(activity)]),
            width,
          ),
        ]),
  ];
}

const causeOf = ({ cause, message }: ActivityView): string => (message === undefined ? cause : `${cause}; ${message}`);
/** The time of day: all of a local stack is of today. */
const timeOf = (iso: string): string => iso.slice("2026-01-01T".length, "2026-01-01T00:00:00".length);

function alarmsText(alarms: readonly AlarmView[], width: number): string[] {
  if (alarms.length === 0) return ["no alarm changes the capacity"];
  return [
    renderTable(
      [{ head: "alarm" }, { head: "state" }, { head: "since" }, { head: "why", least: LEAST_TEXT }],
      alarms.map(({ changedAt, name, reason, state }) => [name, state, timeOf(changedAt), reason]),
      width,
    ),
  ];
}
