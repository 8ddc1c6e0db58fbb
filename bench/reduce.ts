import { withTemporaryFolder } from "../kit/folders/process-folder";
import { tmpdir } from "node:os";
import { seededIntegers } from "../kit/lib/seeded-random";
import { commonLength, type Cursor } from "../workloads/word-count/counter/cursor";
import { sectionOf } from "../workloads/word-count/counter/section-writer";
import { SpillingCounter, type CountSummary } from "../workloads/word-count/counter/spilling-counter";
import { TopWords } from "../workloads/word-count/counter/top-words";
import { addCounts } from "../workloads/word-count/merge";
import { Watch } from "./watch";

/** Partials that are made, so that what their merge comes to is known. */
export interface MergeScenario {
  readonly description: string;
  readonly partials: number;
  readonly wordsOfEach: number;
  /** Of these words, how many no other partial has, in percent. */
  readonly newWordsPercent: number;
}

const MEBIBYTE = 2 ** 20;
/** Half of what functions of the environment `dev` have (systems/batch/config/dev.ts): with it all fits into 300 MB. */
const COUNTER_BYTES = 256 * MEBIBYTE;
const TOP = 10;

/** Named merges. Reduce is held to 600 ns of a core for an entry, and 300 MB. */
export const MERGES: Readonly<Record<string, MergeScenario>> = {
  "merge-10000": {
    partials: 10_000,
    wordsOfEach: 20_000,
    newWordsPercent: 2,
    description: "10,000 partials of 20,000 words, 2 % of them new",
  },
  "merge-10000-different": {
    ...{ partials: 10_000, wordsOfEach: 20_000, newWordsPercent: 50 },
    description: "10,000 partials of 20,000 words, half of them in no other: 100 million words",
  },
  "merge-100000-small": { partials: 100_000, wordsOfEach: 200, newWordsPercent: 10, description: "100,000 partials of 200 words" },
};

export interface MergeMeasurement {
  readonly entries: number;
  readonly distinctWords: number;
  readonly sectionBytes: number;
  readonly nanosecondsPerEntry: number;
  readonly cpuNanosecondsPerEntry: number;
  readonly maximumResidentMegabytes: number;
}

/** The merge does not say what the made partials add up to. */
class WrongSumsError extends Error {
  public override readonly name = "WrongSumsError";
}

/** Merges made partials as reduce does. Making them is not measured, but counts in the process's memory. */
export async function measureMerge(scenario: MergeScenario): Promise<MergeMeasurement> {
  return withTemporaryFolder(tmpdir(), "filemill-bench-", async (directory) => {
    const counter = new SpillingCounter({ memoryBytes: COUNTER_BYTES, directory });
    try {
      return await measured(scenario, counter);
    } finally {
      await counter.dispose();
    }
  });
}

async function measured(scenario: MergeScenario, counter: SpillingCounter): Promise<MergeMeasurement> {
  const made = new MadePartials(scenario);
  const watch = new Watch();
  let sectionBytes = 0;
  for (let partial = 0; partial < scenario.partials; partial += 1) {
    const section = await made.section(partial);
    sectionBytes += section.length;
    await watch.during(() => addCounts(counter, pieces(section)));
  }
  const summary = await watch.during(() => counter.summarise(TOP));
  const expected = made.summary();
  if (JSON.stringify(summary) !== JSON.stringify(expected))
    throw new WrongSumsError(`the merge came to ${JSON.stringify(summary)} instead of ${JSON.stringify(expected)}`);
  return {
    entries: made.entries,
    distinctWords: summary.distinctWords,
    sectionBytes,
    nanosecondsPerEntry: Math.round((watch.milliseconds * 1e6) / made.entries),
    cpuNanosecondsPerEntry: Math.round((watch.cpuMicroseconds * 1e3) / made.entries),
    maximumResidentMegabytes: watch.maximumResidentMegabytes,
  };
}

async function* pieces(section: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(section);
}

const LETTERS = 26;
const FIRST_LETTER = 0x61;
/** Digits of every number that a word is made of: the order of words is that of their numbers. */
const NUMBER_LETTERS = 7;
const MAXIMUM_MORE_LETTERS = 8;
/** Between two words that partials have in common there is room for a new one of each partial. */
const GAP = 2 ** 17;
const MAXIMUM_COUNT = 100;

/** Sorted words with counts, partial by partial, and what they add up to. */
class MadePartials {
  public entries = 0;
  private total = 0;
  private newWords = 0;
  /** Words that partials have in common; of each partial half of them, or what is left when its new ones are taken off. */
  private readonly sums: Float64Array;
  private readonly next = seededIntegers(1);

  public constructor(private readonly scenario: MergeScenario) {
    this.sums = new Float64Array(2 * scenario.wordsOfEach);
  }

  public async section(partial: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of sectionOf(new MadeCursor(this.words(partial)))) parts.push(part);
    return Buffer.concat(parts);
  }

  /** What was made so far. */
  public summary(): CountSummary {
    const top = new TopWords(TOP);
    let distinctWords = this.newWords;
    for (const [stratum, count] of this.sums.entries()) {
      if (count === 0) continue;
      distinctWords += 1;
      const bytes = new Uint8Array(NUMBER_LETTERS + MAXIMUM_MORE_LETTERS);
      top.offer({ bytes, start: 0, length: spell(stratum * GAP, bytes), count });
    }
    return { totalWords: this.total, distinctWords, words: top.list() };
  }

  /** Pairs of a number, from which the word is made, and a count. */
  private *words(partial: number): Generator<readonly [number, number], void> {
    const { newWordsPercent } = this.scenario;
    for (let stratum = 0; stratum < this.sums.length; stratum += 1) {
      const drawn = this.next() >>> 0;
      const count = 1 + (drawn % MAXIMUM_COUNT);
      const share = 200 * (drawn / 2 ** 32);
      if (share >= 100) continue;
      this.entries += 1;
      this.total += count;
      if (share < newWordsPercent) {
        this.newWords += 1;
        yield [stratum * GAP + 1 + partial, count];
      } else {
        this.sums[stratum] = (this.sums[stratum] ?? 0) + count;
        yield [stratum * GAP, count];
      }
    }
  }
}

class MadeCursor implements Cursor {
  public bytes = new Uint8Array(NUMBER_LETTERS + MAXIMUM_MORE_LETTERS);
  public readonly start = 0;
  public length = 0;
  public count = 0;
  public shared = 0;
  private before = new Uint8Array(NUMBER_LETTERS + MAXIMUM_MORE_LETTERS);

  public constructor(private readonly words: Iterator<readonly [number, number], void>) {}

  public advance(): boolean {
    const next = this.words.next();
    if (next.done === true) return false;
    const [number, count] = next.value;
    const last = { bytes: this.bytes, start: 0, length: this.length };
    [this.bytes, this.before] = [this.before, this.bytes];
    this.length = spell(number, this.bytes);
    this.count = count;
    this.shared = commonLength(last, this);
    return true;
  }

  public close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Writes the word of a number. @returns its length */
function spell(number: number, into: Uint8Array): number {
  let rest = number;
  for (let at = NUMBER_LETTERS - 1; at >= 0; at -= 1) {
    into[at] = FIRST_LETTER + (rest % LETTERS);
    rest = Math.floor(rest / LETTERS);
  }
  const length = NUMBER_LETTERS - 2 + (number % MAXIMUM_MORE_LETTERS);
  for (let at = NUMBER_LETTERS; at < length; at += 1) into[at] = FIRST_LETTER + ((number + at) % LETTERS);
  return Math.max(NUMBER_LETTERS, length);
}
