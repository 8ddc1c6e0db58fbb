import type { ListedVerb } from "../../../kit/cli/help/listed-verb";
import type { AddVerb, SystemCommand } from "../../../kit/cli/system-command";
import type { Verb } from "../../../kit/cli/help/verb";
import type { CommandContext } from "./context";
import { EXITS } from "./exit-texts";
import type { EnvironmentOf } from "../core/forecast/terms";
import type { Connect } from "./services";

/** What the configuration has to offer, for those who may not know it. */
export interface Environments {
  readonly names: readonly string[];
  readonly environmentOf: EnvironmentOf;
  /** Letters of the published runs, of the environment `coursework`. */
  readonly publishedRuns: readonly string[];
  /** The text of a synthesized stack, made to run on this machine's Node. */
  readonly onHostRuntime: (stack: string) => Promise<string>;
}

/**
 * The batch system's part of the command.
 *
 * @param connect gives verbs the parts of the stack that they work with
 * @param environments of its configuration, by their names
 */
export function batchCommand(connect: Connect, environments: Environments): SystemCommand {
  type AddConnected = (parent: Verb, context: CommandContext) => void;
  const connected =
    (add: AddConnected): AddVerb =>
    (parent, context) => {
      add(parent, { ...context, connect });
    };
  const listed = (term: string, description: string, load: () => Promise<AddConnected>): ListedVerb => ({
    term,
    description,
    load: async () => connected(await load()),
  });
  return {
    groups: [
      [
        "Before a batch:",
        [
          listed(
            "estimate [options] [source...]",
            "say what files would take and cost, by which route, and which limit binds; starts nothing",
            async () => (await import("./verbs/estimate")).addEstimate(environments.environmentOf, environments.names),
          ),
        ],
      ],
      [
        "Batches:",
        [
          listed(
            "submit [options] [source...]",
            "submit files to the stack that is up, or to a deployed one",
            async () => (await import("./verbs/submit")).addSubmit,
          ),
          listed(
            "status [options] [batch]",
            "list the newest batches, or show where one stands",
            async () => (await import("./verbs/status")).addStatus,
          ),
          listed(
            "watch [options] <batch>",
            "see a batch to its end, whoever submitted it; Ctrl-C leaves it alone",
            async () => (await import("./verbs/watch")).addWatch,
          ),
          listed(
            "results [options] <what>",
            "show the result of a batch, or the newest one of a file",
            async () => (await import("./verbs/results")).addResults,
          ),
          listed(
            "files [options] <batch>",
            "list the files of a batch that has a result: what became of each, and why",
            async () => (await import("./verbs/files")).addFiles,
          ),
          listed(
            "cancel [options] <batch>",
            "stop a batch in order: what is finished counts, the rest can be resumed",
            async () => (await import("./verbs/cancel")).addCancel,
          ),
          listed(
            "resume [options] <batch>",
            "open a new generation of a batch for the files that are unfinished",
            async () => (await import("./verbs/resume")).addResume,
          ),
          listed(
            "costs [options] <batch>",
            "say what a batch cost by its parts, what spot lost and saved, against what its plan expected",
            async () => (await import("./verbs/costs")).addCosts(environments.environmentOf, environments.names),
          ),
        ],
      ],
      [
        "What is done with files:",
        [
          listed(
            "workload",
            "what is done with each file: modules of your own",
            async () => (await import("./verbs/workload")).addWorkload,
          ),
        ],
      ],
      [
        "When something is wrong:",
        [
          listed(
            "quarantine",
            "files that could not be processed: which, why, and how to try them again",
            async () => (await import("./verbs/quarantine")).addQuarantine,
          ),
          listed("dlq", "dead-letter queues: messages that nobody could handle", async () => (await import("./verbs/dlq")).addDlq),
          listed(
            "verify [options] <batch>",
            "hold a batch's receipt against what is stored: hashes, counts, every file in one state",
            async () => (await import("./verbs/verify")).addVerify,
          ),
          listed(
            "doctor [options]",
            "check that the stack answers, and that its Step Functions does what the simulator expects",
            async () => (await import("./verbs/doctor")).addDoctor,
          ),
        ],
      ],
      [
        "Before something is wrong:",
        [
          listed(
            "simulate [options] <scenario>",
            "how long a load takes on fleets, and what it costs: their policies as they are synthesized, in virtual time",
            async () => (await import("./verbs/simulate")).addSimulate,
          ),
          listed(
            "load-test [options] [folder]",
            "copy a load from bucket to bucket at once, and watch queue, alarms and fleet until all is counted and they are small again",
            async () => (await import("./verbs/load-test")).addLoadTest(environments),
          ),
          listed(
            "drill",
            "try what one hopes never to need: bringing tables back, deploying in the middle of a batch",
            async () => (await import("./verbs/drill")).addDrill,
          ),
        ],
      ],
      [
        "When a stack is no longer needed:",
        [
          listed(
            "destroy [options]",
            "take a deployed stack down for good: end its batches, empty its buckets, destroy it",
            async () => (await import("./verbs/destroy")).addDestroy,
          ),
        ],
      ],
    ],
    local: {
      verbs: async () => [connected((await import("./verbs/local-run")).addLocalRun)],
      examples: [["npx filemill local run texts/", "one run, and all is gone"]],
    },
    examples: [
      ["npx filemill local run", "everything here, with texts that come along"],
      ["npx filemill local run texts/", "files of your own"],
      ["npx filemill local up", "leave it running, then:"],
      ["npx filemill submit texts/ --watch"],
    ],
    exits: EXITS,
    usageErrors: async () => (await import("./errors")).USAGE_ERRORS,
  };
}
