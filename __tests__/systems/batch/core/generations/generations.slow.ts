import fc from "fast-check";
import { OUTCOME_LETTERS, type OutcomeLetter } from "../../../../../systems/batch/contracts/ledger-rows";
import type { FileResult, QuarantineReason, Split } from "../../../../../systems/batch/contracts/files";
import type { WordCount } from "../../../../../workloads/word-count/results";
import type { WordTotal } from "../../../../../workloads/word-count/workload";
import { decidedDetail, GenerationWorld, placeOf, PREFIX, refOf, SOURCE, STATE, type Decision } from "../../../../support/generation-world";
import { fileWords, NOTHING_MADE, totalWords as wordsOf } from "../../../../support/word-count";
import { referenceCount } from "../../../../support/reference";
import { collect } from "../../../../support/count-harness";
import { batchWords } from "../../../../../systems/batch/core/results/batch-words";
import { generationsUpTo } from "../../../../../systems/batch/core/stored-batch/generations-up-to";
import { reduce } from "../../../../../systems/batch/core/reduce/reduce";
import { receiptKey, resultKey, resultsKey } from "../../../../../systems/batch/contracts/state-keys";
import { NothingToResumeError } from "../../../../../systems/batch/core/generations/resume-batch";
import { verifyBatch } from "../../../../../systems/batch/core/verify/verify-batch";

type State = Pick<FileResult, "status" | "reason" | "detail">;

/** What the model knows of a file: plain values, no code of the project. */
interface ModelFile {
  readonly name: string;
  /** What is in the bucket now; undefined: nothing. */
  current: string | undefined;
  /** What the batch froze. */
  frozen: string;
  state: State | undefined;
  holder: number;
}

const NONE_DOUBTFUL = { invalidBytes: 0, doubtfulFiles: 0 };
const word = fc.constantFrom("alpha", "betas", "gamma", "delta", "épsilon", "of", "zetas9");
const text = fc.array(word, { maxLength: 70 }).map((words) => words.join(" "));
const NOT_PROCESSED = Object.keys(OUTCOME_LETTERS).filter((letter) => letter !== "P") as Exclude<OutcomeLetter, "P">[];
const decision = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Decision>("work") },
  { weight: 2, arbitrary: fc.constantFrom<Decision>(...NOT_PROCESSED) },
  { weight: 2, arbitrary: fc.constant<Decision>("stop") },
);
const reasons = fc.subarray<QuarantineReason>(["missing", "changed", "corrupt-gzip", "kills-worker", "workload-error", "access-denied"]);
const round = fc.record({
  decisions: fc.array(decision, { minLength: 1, maxLength: 20 }),
  cause: fc.constantFrom("complete" as const, "cancelled" as const, "failed" as const),
  reasons,
  /** Closed before it is planned, as by a cancel. */
  unplanned: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  /** Before this generation: files that are changed (a text) or taken away (null). */
  changes: fc.array(fc.tuple(fc.nat(9), fc.option(text)), { maxLength: 3 }),
});

describe("a batch over several generations equals a plain model", () => {
  test("invariant 1: every file is in the state its last generation left it, results and counts are those of the frozen contents, made again the same", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 10 }),
        fc.array(round, { minLength: 1, maxLength: 4 }),
        async (texts, rounds) => {
          const world = new GenerationWorld();
          try {
            await runRounds(world, texts, rounds);
          } finally {
            world.dispose();
          }
        },
      ),
      { numRuns: 120 },
    );
  });
});

type Round = typeof round extends fc.Arbitrary<infer T> ? T : never;

async function runRounds(world: GenerationWorld, texts: readonly string[], rounds: readonly Round[]): Promise<void> {
  const files: ModelFile[] = texts.map((content, index) => ({
    name: `file-${index}.txt`,
    current: content,
    frozen: content,
    state: undefined,
    holder: 0,
  }));
  for (const { current, name } of files) world.store.set(SOURCE, PREFIX + name, current ?? "");
  await world.createBatch();
  let planned = false;
  for (const [index, { cause, changes, decisions, reasons: chosen, unplanned }] of rounds.entries()) {
    const generation = index + 1;
    if (generation > 1) {
      const left = !planned || files.some(({ state }) => isTakenUp(state, chosen));
      if (!left) {
        await expect(world.resume(chosen)).rejects.toThrow(NothingToResumeError);
        return;
      }
      expect(await world.resume(chosen)).toEqual({ ref: refOf(generation), opened: true });
      expect(await world.resume(chosen)).toEqual({ ref: refOf(generation), opened: false });
    }
    // the first plan must find all files, for the model numbers them
    if (planned) for (const [file, content] of changes) change(world, files[file], content ?? undefined);
    if (unplanned) await world.ledger.closeGeneration(refOf(generation), "cancelled");
    await world.plan(generation);
    if (!unplanned) {
      planned = true;
      const takenUp = files.filter(({ state }) => state === undefined || isTakenUp(state, chosen));
      await expectPlan(world, generation, files, takenUp);
      const leftOut = takenUp.filter((file) => !refreeze(file));
      const decide = deciding(decisions);
      const decided = new Map<string, Decision>();
      const letters = await world.work(generation, (split) => {
        const chosenFor = decide();
        decided.set(placeOf(split), chosenFor);
        return chosenFor;
      });
      const splits = await world.splits(generation);
      for (const file of takenUp) {
        file.holder = generation;
        file.state = leftOut.includes(file)
          ? { status: "quarantined", reason: "missing" }
          : stateOf(
              splits.filter((split) => split.key === PREFIX + file.name),
              { letters, decided, generation, cause },
            );
      }
    }
    const result = await world.finish(generation, cause);
    const lines = world.resultLines(generation);
    expect(lines).toEqual(planned ? files.map(expectedLine) : []);
    const processed = planned ? files.filter(({ state }) => state?.status === "processed") : [];
    const { distinctWords, overlongWords, totalWords, words } = referenceCount(processed.map(({ frozen }) => frozen));
    expect(wordsOf(result.result)).toEqual({ ...NONE_DOUBTFUL, distinctWords, overlongWords, totalWords, words });
    expect(result.generation).toBe(generation);
    expect(result.files).toEqual(planned ? countsOf(files) : countsOf([]));
    expectAcknowledged(
      world,
      generation,
      lines.filter((_, file) => files[file]?.holder === generation),
    );
    await expectSameAgain(world, generation);
    await expectAllWords(world, generation, wordsOf(result.result), referenceCount(processed.map(({ frozen }) => frozen)).counts);
  }
}

/** The full list, with memory for almost none of it: the reference's words, best first; the top list is its beginning. */
async function expectAllWords(world: GenerationWorld, generation: number, total: WordTotal, counts: readonly WordCount[]): Promise<void> {
  const deps = { store: world.store, stateBucket: STATE, directory: world.directory, memoryBytes: 256 };
  const words = await collect(batchWords(deps, { ...total, ...refOf(generation) }, await generationsUpTo(world.ledger, refOf(generation))));
  // the reference has them by code points, and sorting keeps that order
  expect(words).toEqual(counts.toSorted((a, b) => b.count - a.count));
  expect(words.slice(0, total.words.length)).toEqual(total.words);
}

const isTakenUp = (state: State | undefined, chosen: readonly string[]): boolean =>
  state?.status === "unfinished" || (state?.status === "quarantined" && chosen.includes(state.reason ?? ""));

function change(world: GenerationWorld, file: ModelFile | undefined, content: string | undefined): void {
  if (file === undefined) return;
  file.current = content;
  if (content === undefined) world.store.deleteObject(SOURCE, PREFIX + file.name);
  else world.store.set(SOURCE, PREFIX + file.name, content);
}

/** @returns false when there is nothing to freeze */
function refreeze(file: ModelFile): boolean {
  if (!["missing", "changed", "corrupt-gzip"].includes(file.state?.reason ?? "")) return true;
  if (file.current === undefined) return false;
  file.frozen = file.current;
  return true;
}

async function expectPlan(
  world: GenerationWorld,
  generation: number,
  files: readonly ModelFile[],
  takenUp: readonly ModelFile[],
): Promise<void> {
  const manifest = await world.manifest(generation);
  expect(manifest.map(({ file, key }) => [file, key])).toEqual(files.map(({ name }, index) => [index, PREFIX + name]));
  expect(manifest.map(({ carriedFrom }) => carriedFrom)).toEqual(files.map((file) => (takenUp.includes(file) ? undefined : file.holder)));
  const { plan } = await world.record(generation);
  expect(plan).toMatchObject({ fileCount: files.length, carriedFileCount: files.length - takenUp.length });
  const touched = new Set((await world.splits(generation)).map(({ key }) => key));
  expect(files.filter((file) => !takenUp.includes(file) && touched.has(PREFIX + file.name))).toEqual([]);
}

function deciding(decisions: readonly Decision[]): () => Decision {
  let asked = 0;
  return () => decisions[asked++ % decisions.length] ?? "work";
}

interface Worked {
  readonly letters: ReadonlyMap<string, OutcomeLetter>;
  readonly decided: ReadonlyMap<string, Decision>;
  readonly generation: number;
  readonly cause: string;
}

/** @param splits of one file, in order */
function stateOf(splits: readonly Split[], { cause, decided, generation, letters }: Worked): State {
  if (splits.length === 0) throw new Error("the model expects splits of every file that is taken up");
  const letterOf = (split: Split): OutcomeLetter | undefined => letters.get(placeOf(split));
  if (splits.some((split) => letterOf(split) === undefined))
    return { status: "unfinished", reason: cause === "cancelled" ? "cancelled" : "failed" };
  const failed = splits.find((split) => letterOf(split) !== "P");
  if (failed === undefined) return { status: "processed" };
  const state = OUTCOME_LETTERS[letterOf(failed) ?? "P"];
  if (state.status !== "quarantined") return state;
  const met = expect.stringContaining(`s3://${SOURCE}/${failed.key}`) as string;
  return { ...state, detail: decided.get(placeOf(failed)) === "work" ? met : decidedDetail(failed, generation) };
}

function expectedLine({ frozen, name, state }: ModelFile): object {
  const base = { filename: name, ...state, bytes: Buffer.byteLength(frozen) };
  if (state?.status !== "processed") return { ...base, ...NOTHING_MADE };
  const { distinctWords, overlongWords, totalWords, words } = referenceCount(frozen);
  const result = fileWords({ textBytes: Buffer.byteLength(frozen), distinctWords, overlongWords, totalWords, words });
  return { ...base, result, outputs: [] };
}

/** What a generation settled is acknowledged as its result says it: with its words, or with what was wrong. */
function expectAcknowledged(world: GenerationWorld, generation: number, settled: readonly FileResult[]): void {
  const told = world.acknowledged.flatMap((message) => {
    if (!("filename" in message) || message.generation !== generation) return [];
    const { filename, type } = message;
    if (message.type === "file-processed") return [[filename, type, message.result]];
    return [[filename, type, message.reason, message.type === "file-quarantined" ? message.detail : undefined]];
  });
  const expected = settled
    .filter(({ status }) => status !== "unfinished")
    .map(({ detail, filename, reason, result, status }) =>
      status === "processed" ? [filename, `file-${status}`, result] : [filename, `file-${status}`, reason, detail],
    );
  const byName = (a: unknown[], b: unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1);
  expect(told.sort(byName)).toEqual(expected.sort(byName));
}

function countsOf(files: readonly ModelFile[]): object {
  const count = (status: string): number => files.filter(({ state }) => state?.status === status).length;
  const [processed, skipped, quarantined, unfinished] = ["processed", "skipped", "quarantined", "unfinished"].map(count);
  return { total: files.length, processed, skipped, quarantined, unfinished };
}

/** A retry of reduce writes the same bytes, and verify makes them a third time. */
async function expectSameAgain(world: GenerationWorld, generation: number): Promise<void> {
  const keys = [resultsKey, resultKey, receiptKey].map((key) => key(refOf(generation)));
  const read = (): string[] => keys.map((key) => world.store.text("filemill-batch-state-test", key));
  const before = read();
  const acknowledged = world.acknowledged.length;
  await reduce(world.reduceDeps(), refOf(generation));
  expect(read()).toEqual(before);
  const repeated = world.acknowledged.splice(acknowledged);
  expect(repeated.filter((message) => !world.acknowledged.some((earlier) => JSON.stringify(earlier) === JSON.stringify(message)))).toEqual(
    [],
  );
  const { checks } = await verifyBatch({ ...world.reduceDeps() }, refOf(generation));
  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
  expect(read()).toEqual(before);
}
