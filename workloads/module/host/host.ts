import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { CorruptGzipError } from "../../../kit/ports/decompressor";
import { textLines } from "../../../kit/lib/text-lines";
import { resultProblem } from "../../results/json-result";
import { NoTextError } from "../../text/decoded-text";
import { DecompressionLimitError } from "../../text/decompression-limit";
import type { ModuleWorkload } from "../authoring";
import { MAXIMUM_PARTIAL_BYTES, PROTOCOL, type Answer, type FileQuestion, type Question } from "../protocol";
import { hostedFile } from "./hosted-file";

type AnyWorkload = ModuleWorkload<unknown, unknown, unknown, unknown, unknown>;

/** What a module is told to do can't be done with what it returned. */
class ModuleError extends Error {
  public override readonly name = "ModuleError";
}

/**
 * Runs a module in this process: answers the questions of the process that started it, and ends with it.
 *
 * @param load runs the module's own code
 */
export async function host(load: () => Promise<{ readonly default?: unknown }>): Promise<void> {
  process.on("uncaughtException", endWith);
  let workload: AnyWorkload;
  try {
    workload = workloadOf((await load()).default);
  } catch (error) {
    process.send?.(faultOf(error));
    return;
  }
  let options: unknown;
  let ready: unknown;
  const over = new AbortController();
  process.on("SIGTERM", () => {
    over.abort(new Error("the time limit is over"));
  });
  process.on("disconnect", () => process.exit(0));
  const answer = async (question: Question): Promise<Answer> => {
    switch (question.kind) {
      case "setup":
        options = workload.options === undefined ? question.options : workload.options.parse(question.options);
        ready = await workload.setup?.(options);
        return { kind: "done" };
      case "file":
        return answerFile(workload, question, options, ready, over.signal);
      case "fold":
        await writePartial(await folded(workload, question.path), question.into);
        return { kind: "done" };
      case "join": {
        const partial = await folded(workload, question.path);
        return { kind: "done", result: resultText(await workload.join?.(question.results, partial)) };
      }
      case "total": {
        const total = await workload.total?.(await folded(workload, question.path), { files: question.files });
        await writePartial(total ?? null, question.into);
        return { kind: "done" };
      }
    }
  };
  process.on("message", (question: Question) => {
    answer(question)
      .catch(faultOf)
      .then((answered) => process.send?.(answered), endWith);
  });
  const { name, cut = "never", merge, join, total } = workload;
  const hooks = {
    ...(name === undefined ? {} : { name }),
    cut,
    merges: merge !== undefined,
    joins: join !== undefined,
    totals: total !== undefined,
  };
  process.send?.({ kind: "hello", protocol: PROTOCOL, hooks } satisfies Answer);
}

async function answerFile(
  workload: AnyWorkload,
  question: FileQuestion,
  options: unknown,
  ready: unknown,
  signal: AbortSignal,
): Promise<Answer> {
  const returned = (await workload.file(hostedFile(question, signal), options, ready)) as unknown;
  if (typeof returned !== "object" || returned === null || !("result" in returned))
    throw new ModuleError(`file() returned ${inspect(returned, { depth: 0 })} in the place of { result, partial? }`);
  const result = resultText(returned.result);
  const partial = "partial" in returned ? returned.partial : undefined;
  if (partial === undefined) return { kind: "done", result, hasPartial: false };
  if (workload.merge === undefined) throw new ModuleError("file() returned a partial, and the module has no merge()");
  await writePartial(partial, question.partial);
  return { kind: "done", result, hasPartial: true };
}

async function folded(workload: AnyWorkload, path: string): Promise<unknown> {
  let sum: unknown;
  for await (const line of textLines(createReadStream(path) as AsyncIterable<Uint8Array>)) {
    const partial = JSON.parse(line) as unknown;
    sum = sum === undefined || workload.merge === undefined ? partial : await workload.merge(sum, partial);
  }
  return sum;
}

async function writePartial(partial: unknown, into: string): Promise<void> {
  const text = partial === undefined ? "" : `${jsonOf(partial)}\n`;
  const bytes = Buffer.byteLength(text);
  if (bytes > MAXIMUM_PARTIAL_BYTES) throw new ModuleError(`a partial is ${bytes} bytes of JSON; ${MAXIMUM_PARTIAL_BYTES} are the most`);
  await writeFile(into, text, { flag: "wx" });
}

function jsonOf(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new ModuleError(`${inspect(value, { depth: 0 })} is nothing that JSON can hold`);
  return text;
}

function resultText(result: unknown): string {
  const problem = resultProblem(result);
  if (problem !== undefined) throw new ModuleError(problem);
  return jsonOf(result);
}

/** @throws when what a module exports is no workload: the process ends with that */
function workloadOf(exported: unknown): AnyWorkload {
  const workload = exported as Partial<AnyWorkload> | null | undefined;
  const wrong = (problem: string): ModuleError =>
    new ModuleError(`the module's default export ${problem}; export defineWorkload({ file… })`);
  if (typeof workload !== "object" || workload === null) throw wrong(`is ${inspect(exported, { depth: 0 })}`);
  if (typeof workload.file !== "function") throw wrong("has no function file()");
  for (const hook of ["setup", "merge", "join", "total"] as const)
    if (workload[hook] !== undefined && typeof workload[hook] !== "function") throw wrong(`has a ${hook} that is no function`);
  if (workload.options !== undefined && typeof workload.options.parse !== "function") throw wrong("has options without parse()");
  if (workload.cut !== undefined && !["never", "lines", "words"].includes(workload.cut))
    throw wrong("has a cut that is neither never, lines nor words");
  if (workload.cut !== undefined && workload.cut !== "never" && workload.join === undefined)
    throw wrong("has a cut, and no function join()");
  return workload as AnyWorkload;
}

function faultOf(error: unknown): Answer {
  if (error instanceof NoTextError) return { kind: "fault", fault: error.reason, detail: error.message };
  if (error instanceof CorruptGzipError) return { kind: "fault", fault: "corrupt-gzip", detail: error.message };
  if (error instanceof DecompressionLimitError) return { kind: "fault", fault: "decompression-limit", detail: error.message };
  // by name: the class that a module imports is bundled another time
  const isLater = error instanceof Error && error.name === "TryAgainLater";
  return {
    kind: "fault",
    fault: isLater ? "later" : "failed",
    detail: detailOf(error),
  };
}

/** The question can't be answered any more: whoever asked sees this process end. */
function endWith(error: unknown): void {
  // the place in a bundle of one line tells nobody anything
  process.stderr.write(`${detailOf(error)}\n`);
  process.exit(1);
}

const detailOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : inspect(error, { depth: 0 }));
