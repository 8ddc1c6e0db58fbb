import { QUARANTINE_REASONS, type QuarantineReason } from "../../contracts/files";
import type { GenerationRecord } from "../../contracts/ledger-rows";
import { quarantinedFiles, tallyQuarantined } from "../../core/quarantine/quarantined-files";
import { findBatch } from "../batch-reference";
import type { CommandContext } from "../context";
import { UsageError } from "../../../../kit/cli/command-errors";
import type { Verb } from "../../../../kit/cli/help/verb";
import { BATCH_ARGUMENT, reasonOption } from "../options";
import { plural } from "../../../../kit/cli/render/numbers";
import { reasonCounts } from "../render/quarantine";
import { connectToResume, openGeneration, withResumeOptions, type ResumeOptions } from "../run/open-generation";
import { reportedGeneration } from "../run/reported-result";

interface ReplayOptions extends ResumeOptions {
  readonly reason?: readonly QuarantineReason[];
}

export function addQuarantineReplay(quarantine: Verb, context: CommandContext): void {
  const command = quarantine
    .command("replay")
    .description("try quarantined files of a batch again, in a new generation")
    .argument("<batch>", BATCH_ARGUMENT)
    .addOption(reasonOption("only files with this reason"));
  withResumeOptions(command)
    .withExamples(
      [
        ["npx filemill quarantine replay latest --watch", "all that is quarantined"],
        ["npx filemill quarantine replay latest --reason missing,corrupt-gzip"],
      ],
      "What was missing, changed or corrupt-gzip is tried with the content that is there by then, all else as it was planned. " +
        "Files that are unfinished are taken up as well.",
    )
    .action((given: string, options: ReplayOptions) => replay(context, given, options));
}

async function replay(context: CommandContext, given: string, options: ReplayOptions): Promise<void> {
  const services = await connectToResume(context, given, options);
  const batch = await findBatch(services.ledger, given);
  context.reporter.wait("reading results");
  const reasons = options.reason ?? QUARANTINE_REASONS;
  const generation = await reportedGeneration(services, batch);
  if (generation.generation === batch.latestGeneration) {
    const files = quarantinedFiles(services.objects, services.outputs.state_bucket, generation, { reasons, signal: context.signal });
    const { total, byReason } = await tallyQuarantined(files);
    if (total === 0) throw nothingToReplay(generation, options.reason);
    const unfinished = generation.files?.unfinished ?? 0;
    context.reporter.say(
      `taking up ${plural(total, "quarantined file")} (${reasonCounts(byReason)})` +
        (unfinished === 0 ? "" : ` and ${plural(unfinished, "unfinished file")}`),
    );
  }
  await openGeneration(context, services, batch, reasons, options);
}

function nothingToReplay({ batchId, files }: GenerationRecord, chosen: readonly QuarantineReason[] | undefined): UsageError {
  const which = chosen === undefined ? "" : ` with reason ${chosen.join(" or ")}`;
  const resumable = (files?.unfinished ?? 0) > 0 ? `; \`npx filemill resume ${batchId}\` takes up what is unfinished` : "";
  return new UsageError(
    `batch ${batchId} has no quarantined file${which}`,
    `\`npx filemill quarantine list ${batchId}\` shows what there is${resumable}`,
  );
}
