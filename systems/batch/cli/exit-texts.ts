import type { ExitName } from "../../../kit/cli/exit-codes";
import type { ExitTexts } from "../../../kit/cli/help/exit-texts";

/** For the command as a whole. */
export const GENERAL_EXITS = {
  done: "done: every file was processed, or skipped with a reason",
  failed: "it failed: a part was lost, a permission is missing, the batch failed",
  usage: "wrong usage or input, or nothing to do: nothing was started, or the plan refused it",
  quarantined: "done, but some files are quarantined, or were left out by --skip-unreadable",
  cancelled: "the batch was cancelled",
  unwritten: "done, but standard output or error could not be written",
  interrupted: "interrupted",
} as const satisfies Record<ExitName, string>;

const BATCH_ENDS = {
  failed: "the batch failed, or a part was lost",
  quarantined: "done, but some files are quarantined",
  cancelled: "the batch was cancelled",
} as const;
const WATCHED = {
  failed: "it failed; with --watch: or the batch did",
  quarantined: "with --watch: done, but some files are quarantined",
  cancelled: "with --watch: the batch was cancelled",
} as const;

/** Every verb that does something, by its words after `filemill`: what its exit codes mean beyond the general; "" is the whole command. */
export const EXITS: Readonly<Record<string, ExitTexts>> = {
  "": GENERAL_EXITS,
  "local run": {
    done: "every file was processed or skipped",
    ...BATCH_ENDS,
    quarantined: GENERAL_EXITS.quarantined,
    usage: "wrong usage or input, nothing was started; or the plan refused the batch",
    interrupted: "interrupted; everything was taken down",
  },
  estimate: {
    done: "whatever it says; also when a deadline can't be met, or no route is possible",
    usage: "wrong usage or input, or a price list that can't be used",
    quarantined: "--skip-unreadable left some files out",
  },
  submit: {
    done: "the batch is at work; with --watch: every file was processed or skipped",
    ...WATCHED,
    quarantined: "with --watch: done, but some files are quarantined; or --skip-unreadable left some out",
    usage: "wrong usage or input, nothing was started; with --watch: or the plan refused it",
    interrupted: "interrupted; a batch that was started goes on",
  },
  simulate: {
    done: "whatever came of the load",
    failed: "a stack of the scenario can't be synthesized",
    usage: "wrong usage, or the file is no scenario",
  },
  status: { done: "whatever the state of the batches is", usage: "wrong usage, or no such batch" },
  results: {
    done: "every file was processed or skipped; or the result of one file",
    ...BATCH_ENDS,
    failed: "the batch failed, or its result can't be read",
    usage: "wrong usage, no such batch or file, no result yet, or the plan refused the batch",
  },
  watch: {
    done: "every file was processed or skipped",
    ...BATCH_ENDS,
    usage: "wrong usage, no such batch, its files don't come, or the plan refused it",
    interrupted: "interrupted; the batch goes on",
  },
  files: {
    done: "whatever became of the files, also when there are none",
    failed: "its result can't be read",
    usage: "wrong usage, no such batch or generation, or no result yet",
  },
  cancel: {
    done: "it takes no more work, now or before",
    failed: "it had ended otherwise, or cancelling failed",
    usage: "wrong usage, or no such batch",
    quarantined: "with --watch: it had ended, with quarantined files",
    cancelled: "with --watch: it was cancelled",
  },
  resume: {
    done: "a new generation is at work; with --watch: every file was processed or skipped",
    ...WATCHED,
    usage: "wrong usage, no such batch, or nothing to resume",
    interrupted: "interrupted; a generation that was started goes on",
  },
  costs: {
    done: "whatever it cost; also while it is at work",
    usage: "wrong usage, no such batch or generation, no plan yet, or a price list that can't be used",
  },
  "workload check": { done: "a batch could use it", failed: "a batch could not use it", usage: "wrong usage, or no such file" },
  "quarantine list": { done: "also when there are none", usage: "wrong usage, no such batch, or no result yet" },
  "quarantine show": { done: "whatever the state of the file is", usage: "wrong usage, or no such batch or file" },
  "quarantine replay": {
    done: "a new generation is at work; with --watch: every file was processed or skipped",
    ...WATCHED,
    usage: "wrong usage, no such batch, or nothing to replay",
    interrupted: "interrupted; a generation that was started goes on",
  },
  "dlq list": { done: "also when there are none", usage: "wrong usage" },
  "dlq replay": { done: "they are sent, or there was none", usage: "wrong usage, or --yes is missing: nothing was sent" },
  verify: {
    done: "the receipt is true",
    failed: "it is not true, or the check failed",
    usage: "wrong usage, no such batch, generation or result",
  },
  destroy: {
    done: "the stack is gone; with --dry-run: what would go was told",
    failed: "it failed, and what it had come to is told; it can be run again",
    usage: "wrong usage, not confirmed, protected, or not this stack's: nothing was deleted",
    interrupted: "interrupted; run again it goes on",
  },
  "load-test": {
    done: "each file is acknowledged once worked on, its item is right, and the group is at its minimum again",
    failed: "one of these is not so, or it failed",
    usage: "wrong usage or input, queues not empty, or somebody else at work: no load went out",
    interrupted: "interrupted; a stack that was started for the test is taken down",
  },
  "drill restore": {
    done: "the restored tables agree with the receipts; with --dry-run: what it would do was told",
    failed: "they don't agree, or it failed; side tables that could not be removed are named",
    usage: "wrong usage, not confirmed, or nothing to hold them against: nothing was restored",
    interrupted: "interrupted; the side tables are removed",
  },
  "drill redeploy": {
    done: "the batch came to its end over the deployment, and its receipt is true",
    failed: "it did not, or it failed, or the batch was over too soon",
    usage: "wrong usage, or no checkout of the version before: nothing was started",
    interrupted: "interrupted; everything was taken down",
  },
  doctor: {
    done: "all is well; with --conformance: all cases are as expected",
    failed: "a service does not answer, the clock is off, or a case differs",
    usage: "wrong usage",
  },
};
