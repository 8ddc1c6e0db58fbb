import type { SourceFile } from "../../core/submission/submission";
import { printJson, type CommandContext } from "../context";
import { renderLoadTest } from "../render/load-test";
import type { Services } from "../services";
import type { JsonOption } from "../../../../kit/cli/options";
import { writeAtomically } from "../../../../kit/cli/output/write-atomically";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";
import { drawChart } from "../load-test/chart";
import { explainChartWrite } from "../load-test/chart-file";
import { exitCodeOfTest, testDocument } from "../load-test/outcome";
import { settleNewStack } from "../load-test/preflight";
import { runLoadTest, type LoadTest } from "../load-test/run-load-test";

/** What the verb was given. Times are in seconds. */
export interface LoadTestVerbOptions extends JsonOption {
  readonly environment?: string;
  readonly run?: string;
  readonly workers?: number;
  readonly timeFactor?: number;
  readonly files: number;
  readonly bytes?: number;
  readonly purge?: true;
  readonly within: number;
  readonly waitForScaleIn: number;
  readonly chart?: string;
  readonly stackFile?: string;
  readonly stackOutputs?: string;
}

/**
 * Runs a test on a stack, and tells what came of it: as a table or JSON, as a chart, as the exit code.
 *
 * @param isOwn true: the stack goes with the test, and nothing stays
 */
export async function testAndTell(
  services: Services,
  context: CommandContext,
  files: readonly SourceFile[],
  chart: string | undefined,
  options: LoadTestVerbOptions,
  timeFactor: number,
  isOwn = false,
): Promise<void> {
  let runId: string | undefined;
  const tellWhatStays = (): void => {
    if (runId === undefined || isOwn) return;
    const { processing_bucket: processing, uploading_bucket: uploading } = services.outputs;
    context.reporter.say(
      `what stays: objects below uploads/${runId}/ in ${uploading} and ${processing}, their items in ${services.outputs.results_table}, and acknowledgements in the results queue`,
    );
  };
  let outcome: LoadTest;
  try {
    if (isOwn) {
      context.reporter.wait("waiting until the new stack is at rest");
      await settleNewStack(services, timeFactor, context.signal);
    }
    outcome = await runLoadTest(services, context, {
      files,
      purge: options.purge === true,
      withinSeconds: options.within,
      scaleInSeconds: options.waitForScaleIn,
      timeFactor,
      onBegun: (id) => {
        runId = id;
      },
    });
  } catch (error) {
    context.reporter.finish();
    tellWhatStays();
    throw error;
  }
  const { reporter, terminal } = context;
  if (options.json === true) printJson(terminal, testDocument(outcome));
  else terminal.stdout.print(renderLoadTest(outcome, tableColumns(terminal)));
  if (chart !== undefined) {
    await explainChartWrite(chart, writeAtomically(chart, [chartOf(outcome)]));
    reporter.say(`the chart is in ${chart}`);
  }
  tellWhatStays();
  context.exitWith(exitCodeOfTest(outcome));
}

const chartOf = ({ files, preflight, samples, summary, timeFactor }: LoadTest): string =>
  drawChart({
    title: `Load test: ${files} files copied at once`,
    samples,
    copiedSeconds: summary.copiedSeconds,
    acknowledgedSeconds: summary.totalSeconds ?? undefined,
    minimum: preflight.group.minimum,
    maximum: preflight.group.maximum,
    timeFactor,
  });
