import type { AddVerb, SystemCommand } from "../../../kit/cli/system-command";
import type { Verb } from "../../../kit/cli/help/verb";
import type { CommandContext } from "./context";
import { USAGE_ERRORS } from "./errors";
import { EXITS } from "./exit-texts";
import type { EnvironmentOf } from "../core/forecast/terms";
import type { Connect } from "./services";
import { addCancel } from "./verbs/cancel";
import { addCosts } from "./verbs/costs";
import { addDestroy } from "./verbs/destroy";
import { addDlq } from "./verbs/dlq";
import { addDoctor } from "./verbs/doctor";
import { addDrill } from "./verbs/drill";
import { addEstimate } from "./verbs/estimate";
import { addFiles } from "./verbs/files";
import { addLoadTest } from "./verbs/load-test";
import { addLocalRun } from "./verbs/local-run";
import { addQuarantine } from "./verbs/quarantine";
import { addResults } from "./verbs/results";
import { addResume } from "./verbs/resume";
import { addSimulate } from "./verbs/simulate";
import { addStatus } from "./verbs/status";
import { addSubmit } from "./verbs/submit";
import { addVerify } from "./verbs/verify";
import { addWatch } from "./verbs/watch";
import { addWorkload } from "./verbs/workload";

/** What the configuration has to offer, for those who may not know it. */
export interface Environments {
  readonly names: readonly string[];
  readonly environmentOf: EnvironmentOf;
  /** Letters of the published runs, of the environment `coursework`. */
  readonly publishedRuns: readonly string[];
  /** The text of a synthesized stack, made to run on this machine's Node. */
  readonly onHostRuntime: (stack: string) => string;
}

/**
 * The batch system's part of the command.
 *
 * @param connect gives verbs the parts of the stack that they work with
 * @param environments of its configuration, by their names
 */
export function batchCommand(connect: Connect, environments: Environments): SystemCommand {
  const connected =
    (add: (parent: Verb, context: CommandContext) => void): AddVerb =>
    (parent, context) => {
      add(parent, { ...context, connect });
    };
  const group = (heading: string, ...verbs: readonly Parameters<typeof connected>[0][]) => [heading, verbs.map(connected)] as const;
  return {
    groups: [
      group("Before a batch:", addEstimate(environments.environmentOf, environments.names)),
      group(
        "Batches:",
        addSubmit,
        addStatus,
        addWatch,
        addResults,
        addFiles,
        addCancel,
        addResume,
        addCosts(environments.environmentOf, environments.names),
      ),
      group("What is done with files:", addWorkload),
      group("When something is wrong:", addQuarantine, addDlq, addVerify, addDoctor),
      group("Before something is wrong:", addSimulate, addLoadTest(environments), addDrill),
      group("When a stack is no longer needed:", addDestroy),
    ],
    local: { verbs: [connected(addLocalRun)], examples: [["npx filemill local run texts/", "one run, and all is gone"]] },
    examples: [
      ["npx filemill local run", "everything here, with texts that come along"],
      ["npx filemill local run texts/", "files of your own"],
      ["npx filemill local up", "leave it running, then:"],
      ["npx filemill submit texts/ --watch"],
    ],
    exits: EXITS,
    usageErrors: USAGE_ERRORS,
  };
}
