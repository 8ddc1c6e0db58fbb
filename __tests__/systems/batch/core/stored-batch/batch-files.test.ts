import { manifestKey } from "../../../../../systems/batch/contracts/state-keys";
import type { ManifestLine } from "../../../../../systems/batch/contracts/files";
import type { GenerationRecord } from "../../../../../systems/batch/contracts/ledger-rows";
import { batchFiles, type BatchFile } from "../../../../../systems/batch/core/stored-batch/batch-files";
import { BatchStateError } from "../../../../../systems/batch/core/stored-batch/errors";
import { collect } from "../../../../support/count-harness";
import { GenerationWorld, PREFIX, refOf, SOURCE, STATE } from "../../../../support/generation-world";

/** Generation 1 settles a, c and the archived e, generation 2 settles b, and d, which 1 left unfinished, is settled by generation 3. */
let world: GenerationWorld;
let generations: GenerationRecord[];
beforeEach(async () => {
  world = new GenerationWorld();
  for (const name of ["a", "b", "c", "d"]) world.store.set(SOURCE, PREFIX + name, `words of ${name}`);
  world.store.set(SOURCE, `${PREFIX}e`, "words", { storageClass: "GLACIER" });
  await world.createBatch();
  await world.run(1, ({ key }) => (/[ac]$/.test(key) ? "work" : key.endsWith("b") ? "k" : "stop"), "cancelled");
  await world.resume(["kills-worker"]);
  await world.run(2, ({ key }) => (key.endsWith("b") ? "work" : "m"));
  await world.resume(["missing"]);
  await world.run(3, () => "work");
  generations = [await world.record(1), await world.record(2), await world.record(3)];
});
afterEach(() => {
  world.dispose();
});

const filesOf = (records = generations): Promise<BatchFile[]> => collect(batchFiles(world.store, STATE, records));
const keyOf = async (generation: number): Promise<string> => {
  const { plan } = await world.record(generation);
  return manifestKey(refOf(generation), { planSha256: plan?.planSha256 ?? "" });
};
/** Writes a generation's manifest anew, as no Filemill did. */
async function tamper(generation: number, change: (line: ManifestLine) => ManifestLine | undefined): Promise<void> {
  const lines = (await world.manifest(generation)).flatMap((line) => change(line) ?? []);
  await world.store.put(STATE, await keyOf(generation), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}
const only =
  (file: number, change: Partial<ManifestLine>) =>
  (line: ManifestLine): ManifestLine =>
    line.file === file ? { ...line, ...change } : line;

test("each file comes with the generation that settled it; every earlier manifest is read once", async () => {
  world.store.gets.length = 0;
  expect((await filesOf()).map(({ file, generation, status }) => [file.key.slice(PREFIX.length), status, generation])).toEqual([
    ["a", "processed", 1],
    ["b", "processed", 2],
    ["c", "processed", 1],
    ["d", "processed", 3],
    ["e", "skipped", 1],
  ]);
  const manifests = await Promise.all([1, 2, 3].map(async (generation) => `${STATE}/${await keyOf(generation)}`));
  expect(world.store.gets.filter((get) => manifests.includes(get)).sort()).toEqual([...manifests].sort());
});

test("a reader that leaves early leaves nothing open", async () => {
  const bodies: { destroyed: boolean }[] = [];
  const get = world.store.get.bind(world.store);
  jest.spyOn(world.store, "get").mockImplementation(async (...place) => {
    const object = await get(...place);
    bodies.push(object.body);
    return object;
  });
  for await (const { file } of batchFiles(world.store, STATE, generations)) if (file.file === 1) break;
  expect(bodies.length).toBeGreaterThan(3);
  expect(bodies.map(({ destroyed }) => destroyed)).toEqual(bodies.map(() => true));
});

test.each<[string, Partial<ManifestLine>]>([
  ["key", { key: "other" }],
  ["bucket", { bucket: "other" }],
  ["ETag", { etag: "other" }],
  ["size", { size: 99 }],
  ["version", { versionId: "other" }],
])("a carried file must be the one that was settled: another %s is an error", async (_, change) => {
  await tamper(3, only(0, change));
  await expect(filesOf()).rejects.toThrow(BatchStateError);
  await expect(filesOf()).rejects.toThrow(/file 0 .*carried from generation 1.*is there .*\/a with ETag/);
});

test("a file carried from a generation whose manifest lacks it is an error", async () => {
  await tamper(1, (line) => (line.file === 4 ? undefined : line));
  await expect(filesOf()).rejects.toThrow(/file 4 .*carried from generation 1.* is not in its manifest/);
});

test.each([
  ["is not there", 4],
  ["is itself", 3],
])("files are carried from earlier generations: one that %s is an error", async (_, from) => {
  await tamper(3, only(0, { carriedFrom: from }));
  await expect(filesOf()).rejects.toThrow(/generation 3 .* carries files from generation [34]/);
});

test.each<[string, Partial<GenerationRecord>]>([
  ["was never planned", { plan: undefined }],
  ["is not sealed", { status: "closed" }],
])("files carried from a generation that %s are an error", async (_, change) => {
  const [first, ...later] = generations;
  await expect(filesOf([{ ...(first as GenerationRecord), ...change }, ...later])).rejects.toThrow(
    /carries files from generation 1, which is (sealed|closed)/,
  );
});

test("a file carried from a generation that carried it itself is an error: it has one holder", async () => {
  await tamper(3, only(0, { carriedFrom: 2 }));
  await expect(filesOf()).rejects.toThrow(/file 0 .*carried from generation 2.* was itself carried from generation 1/);
});

test("a file carried from a generation that left it unfinished is an error", async () => {
  await world.ledger.openGeneration(refOf(3), { reasons: [] }, new Date(world.clock.now()).toISOString());
  await world.run(4, () => "work");
  const records = [...generations, await world.record(4)];
  expect((await filesOf(records)).map(({ generation }) => generation)).toEqual([1, 2, 1, 3, 1]);
  await tamper(4, only(3, { carriedFrom: 1 }));
  await expect(filesOf(records)).rejects.toThrow(/file 3 .*carried from generation 1.* is unfinished there/);
});
