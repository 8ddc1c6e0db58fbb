import { Argument } from "commander";
import { QUEUE_NAMES } from "../../contracts/names";
import { listDeadLetters, replayDeadLetters } from "../../core/dead-letters/dead-letters";
import { type CommandContext, connectToTarget, printJson } from "../context";
import { DEAD_LETTER_QUEUES, deadLetterOf, type DeadLetter, type DeadLetterQueueName } from "../dead-letters/describe";
import { UsageError } from "../../../../kit/cli/command-errors";
import type { Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, limitOption, stackOutputsOption } from "../../../../kit/cli/options";
import { renderDeadLetters } from "../render/dead-letters";
import { plural } from "../../../../kit/cli/render/numbers";
import { tellNext } from "../run/next-steps";
import type { Services } from "../services";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";

interface ListOptions {
  readonly limit: number;
  readonly json?: true;
  readonly stackOutputs?: string;
}
interface ReplayOptions extends ListOptions {
  readonly yes?: true;
}

const LISTED = 100;
/** Sent one after another: as many as somebody waits for. */
const REPLAYED = 1_000;

export function addDlq(program: Verb, context: CommandContext): void {
  const dlq = program.command("dlq").withExamples([
    ["npx filemill dlq list", "what died, of all queues"],
    ["npx filemill dlq replay jobs --yes", "send it back"],
  ]);
  dlq
    .command("list")
    .description("list dead letters: what each is, and how often it was received")
    .addArgument(new Argument("[queue]", "the queue they come from (default: all)").choices(DEAD_LETTER_QUEUES))
    .addOption(limitOption("list this many of a queue", LISTED))
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples(
      [["npx filemill dlq list"], ["npx filemill dlq list chunks --json | jq '.messages[].content'"]],
      "Looking hides a message for some seconds and counts as a receive; nothing is taken away. Task tokens are never shown.",
    )
    .action((queue: DeadLetterQueueName | undefined, options: ListOptions) => list(context, queue, options));
  dlq
    .command("replay")
    .description("send dead letters back to the queue they come from")
    .addArgument(new Argument("<queue>", "the queue they come from").choices(DEAD_LETTER_QUEUES))
    .addOption(limitOption("send this many", REPLAYED))
    .option("--yes", "really send them")
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples(
      [
        ["npx filemill dlq replay jobs", "shows what it would send"],
        ["npx filemill dlq replay jobs --yes", "sends it"],
        ["npx filemill dlq replay chunks --limit 1 --yes"],
      ],
      "Find out first why a message died: if nothing changed, it comes again.",
    )
    .action((queue: DeadLetterQueueName, options: ReplayOptions) => replay(context, queue, options));
}

async function list(context: CommandContext, queue: DeadLetterQueueName | undefined, options: ListOptions): Promise<void> {
  const services = await connectToTarget(context, options.stackOutputs);
  const queues = queue === undefined ? DEAD_LETTER_QUEUES : [queue];
  const { reporter, terminal } = context;
  reporter.wait("looking at the dead letters");
  const letters = (await Promise.all(queues.map((name) => look(services, name, options.limit)))).flat();
  if (options.json === true) printJson(terminal, { messages: letters });
  else terminal.stdout.print(renderDeadLetters(letters, tableColumns(terminal)));
  const from = [...new Set(letters.map((letter) => letter.queue))];
  tellNext(
    context,
    from.map((name) => [`dlq replay ${name} --yes`, "send them back, once their cause is mended"] as const),
  );
}

async function look({ deadLetters }: Services, queue: DeadLetterQueueName, limit: number): Promise<DeadLetter[]> {
  return (await listDeadLetters(deadLetters[queue].queue, limit)).map((message) => deadLetterOf(queue, message));
}

async function replay(context: CommandContext, queue: DeadLetterQueueName, options: ReplayOptions): Promise<void> {
  const services = await connectToTarget(context, options.stackOutputs);
  if (options.yes !== true) {
    await refuseUnasked(context, services, queue, options.limit);
    return;
  }
  const { queue: from, source: to } = services.deadLetters[queue];
  context.reporter.wait("sending dead letters back");
  const { repeated, sent } = await replayDeadLetters({ from, to }, options.limit);
  if (options.json === true) printJson(context.terminal, { queue, sent });
  else context.terminal.stdout.print(`sent ${plural(sent, "message")} back to ${QUEUE_NAMES[queue]}\n`);
  if (repeated > 0) {
    context.reporter.say(`left ${plural(repeated, "message")} the same as one just sent: it came back, or was there twice`);
  }
  if (sent + repeated >= options.limit) context.reporter.say("there may be more: the limit was reached");
}

/** Shows what would be sent. @throws UsageError unless there is nothing */
async function refuseUnasked(context: CommandContext, services: Services, queue: DeadLetterQueueName, limit: number): Promise<void> {
  context.reporter.wait("looking at the dead letters");
  const letters = await look(services, queue, limit);
  context.reporter.finish();
  context.terminal.stderr.print(renderDeadLetters(letters, tableColumns(context.terminal)));
  if (letters.length === 0) return;
  throw new UsageError(
    `${plural(letters.length, "message")} would go back to ${QUEUE_NAMES[queue]}; nothing was sent`,
    "find out why they died, then say it again with --yes",
  );
}
