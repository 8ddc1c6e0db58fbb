import { z } from "zod";
import { commandWords } from "./words";

/**
 * As long as a program may take for one file and be tried once more within the 12 hours that SQS keeps a message hidden at most.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
const MAXIMUM_TIME_LIMIT_SECONDS = 18_000;
/** As much as the largest Lambda function has, and more than any machine of the fleet gives a slot. */
const MAXIMUM_MEMORY_LIMIT_MEBIBYTES = 10_240;
const MAXIMUM_DISK_LIMIT_MEBIBYTES = 102_400;
/** Of Linux for one word, so that no command line is longer than can be started. https://man7.org/linux/man-pages/man2/execve.2.html */
const MAXIMUM_EXEC_CHARACTERS = 100_000;

/** What the command workload may be asked for. */
export const commandOptionsSchema = z
  .strictObject({
    /**
     * The program and its words, split as a POSIX shell does with quotes and backslashes, and nothing else of a shell. In words, `{in}`
     * is a local file with the content, `{out}` a folder for outputs; without `{in}`, the content is standard input.
     */
    exec: z.string().min(1).max(MAXIMUM_EXEC_CHARACTERS),
    /** true: `exec` is a script for `/bin/sh -c`. @default false */
    shell: z.boolean().default(false),
    /** The program comes in an archive: true, or the name under which the batch has brought it along. @default false - from the PATH */
    archive: z.union([z.boolean(), z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, "a name has lower case, digits, '-' and '.'")]).default(false),
    /** For one file, in seconds; a second try has as much again. @default 300 - more than most conversions take; an end to what hangs */
    timeLimitSeconds: z.number().min(0.05).max(MAXIMUM_TIME_LIMIT_SECONDS).default(300),
    /** For the program with all it starts, in MiB. @default 1024 - two slots share an instance of 4 GiB with the worker */
    memoryLimitMebibytes: z.int().min(16).max(MAXIMUM_MEMORY_LIMIT_MEBIBYTES).default(1_024),
    /** For what it writes below its folders, in MiB. @default 1024 - half the disk of the Lambda function that works on chunks */
    diskLimitMebibytes: z.int().min(1).max(MAXIMUM_DISK_LIMIT_MEBIBYTES).default(1_024),
  })
  .superRefine(({ exec, shell }, context) => {
    if (shell) return;
    try {
      if (commandWords(exec).length > 0) return;
      context.addIssue({ code: "custom", path: ["exec"], message: "it names no program; give one, as in 'wc -w {in}'" });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      context.addIssue({ code: "custom", path: ["exec"], message: `it can't be split into words: ${problem}; close the quotes` });
    }
  });

export type CommandOptions = z.output<typeof commandOptionsSchema>;
