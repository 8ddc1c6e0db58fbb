import { partialKey } from "../../../../../systems/batch/contracts/state-keys";
import { BatchStateError } from "../../../../../systems/batch/core/stored-batch/errors";
import { seal } from "../../../../../systems/batch/core/seal/seal";
import { reduce } from "../../../../../systems/batch/core/reduce/reduce";
import { decidedDetail, GenerationWorld, PREFIX, refOf, SOURCE, STATE, type Decide } from "../../../../support/generation-world";
import { resultWords } from "../../../../support/word-count";

let world: GenerationWorld;
beforeEach(() => {
  world = new GenerationWorld();
});
afterEach(() => {
  world.dispose();
});

const GIANT = "giant words delta ".repeat(20);

/** A chunk of four files, in commit groups of two, and a file in three ranges. */
async function store(): Promise<void> {
  for (const name of ["a", "b", "c", "d"]) world.store.set(SOURCE, PREFIX + name, `words of ${name}`);
  world.store.set(SOURCE, `${PREFIX}giant`, GIANT);
  await world.createBatch();
}
const by =
  (decisions: Readonly<Record<string, ReturnType<Decide>>>): Decide =>
  ({ key, range }) =>
    decisions[`${key.slice(PREFIX.length)}${range === undefined ? "" : `/${range.index}`}`] ?? "work";

/** The detail of each file: in its line, and in its acknowledgements by this generation, which say the same each time. */
function details(generation: number): unknown[] {
  return world.resultLines(generation).map(({ detail, filename }) => {
    const told = world.acknowledged.filter(
      (message) => message.type === "file-quarantined" && message.filename === filename && message.generation === generation,
    );
    return [filename, detail, ...new Set(told.map((message) => (message.type === "file-quarantined" ? message.detail : undefined)))];
  });
}
const decided = (place: string, generation: number): string => {
  const [file = "", index = "0"] = place.split("/");
  return decidedDetail({ file: Number(file), range: { index: Number(index) } } as never, generation);
};

test("what was wrong with a quarantined file is in its result and its acknowledgement, also of a file that was split", async () => {
  await store();
  await world.run(1, by({ a: "k", c: "m", d: "n", "giant/1": "w" }));
  expect(details(1)).toEqual([
    ["a", decided("0", 1), decided("0", 1)],
    ["b", undefined],
    ["c", decided("2", 1), decided("2", 1)],
    ["d", undefined],
    ["giant", decided("4/1", 1), decided("4/1", 1)],
  ]);
});

test("the line of a file that a later generation took up is passed over; the others keep what was wrong with them", async () => {
  await store();
  await world.run(1, by({ a: "k", b: "k", c: "m", "giant/0": "k", "giant/2": "k" }));
  await world.resume(["kills-worker"]);
  await world.run(2, by({ b: "k", "giant/1": "w" }));
  expect(details(2)).toEqual([
    ["a", undefined],
    ["b", decided("1", 2), decided("1", 2)],
    ["c", decided("2", 1)],
    ["d", undefined],
    ["giant", decided("4/1", 2), decided("4/1", 2)],
  ]);
  await world.resume(["kills-worker", "missing", "workload-error"]);
  const { result } = await world.run(3, by({}));
  expect(world.resultLines(3).map(({ status }) => status)).toEqual(["processed", "processed", "processed", "processed", "processed"]);
  const each = world.resultLines(3).map((line) => resultWords(line.result).totalWords);
  expect(result).toMatchObject({ totalWords: each.reduce((sum, words) => sum + words, 0) });
});

test("a chunk of quarantined files only has their details, and all of them may be taken up later", async () => {
  await store();
  await world.run(1, by({ a: "k", b: "x", c: "g", d: "k" }));
  expect(details(1).slice(0, 4)).toEqual(["a", "b", "c", "d"].map((name, file) => [name, decided(`${file}`, 1), decided(`${file}`, 1)]));
  await world.resume(["kills-worker", "access-denied", "corrupt-gzip"]);
  const { result } = await world.run(2, by({}));
  expect(result).toMatchObject({ totalWords: 4 + 60 });
});

describe("a partial that says otherwise than its row is an error of the batch, not a result", () => {
  /** Writes another line of the same length over the line of a file in the first partial of the first chunk. */
  const overwrite = async (file: number, line: object): Promise<void> => {
    const key = partialKey(refOf(1), 0, 1, 0);
    const lines = world.store.text(STATE, key).split("\n");
    const at = lines.findIndex((text) => text.startsWith(`{"file":${file},`));
    const old = lines[at];
    if (old === undefined) throw new Error(`no line of file ${file}`);
    const text = JSON.stringify(line).padEnd(Buffer.byteLength(old));
    expect(text).toHaveLength(Buffer.byteLength(old));
    await world.store.put(STATE, key, lines.with(at, text).join("\n"));
  };
  beforeEach(async () => {
    await store();
    await world.plan(1);
    await world.work(1, by({ a: "k" }));
  });
  const reduced = async (): Promise<unknown> => {
    await seal(world.reduceDeps(), refOf(1), "complete");
    return reduce(world.reduceDeps(), refOf(1));
  };

  test.each([
    [
      "a processed file has the line of a quarantined one",
      1,
      { file: 1, detail: "x" },
      "hold file 1 (in/b) as quarantined, which was processed",
    ],
    [
      "a quarantined file has the line of a processed one",
      0,
      { file: 0, result: null },
      "hold file 0 (in/a) as processed, which was quarantined",
    ],
    ["a line is that of another file", 1, { file: 3, result: null }, "hold the line of file 3 where that of file 1 (in/b) belongs"],
  ])("%s", async (_, file, line, problem) => {
    await overwrite(file, line);
    const failure = await reduced().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BatchStateError);
    expect((failure as Error).message).toContain(problem);
  });
});
