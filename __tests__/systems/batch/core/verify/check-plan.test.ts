import { createHash } from "node:crypto";
import type { ChunkLine } from "../../../../../systems/batch/contracts/batch";
import type { ManifestLine, Split } from "../../../../../systems/batch/contracts/files";
import { chunksKey, manifestKey, splitsKey } from "../../../../../systems/batch/contracts/state-keys";
import type { PlannedGeneration } from "../../../../../systems/batch/core/stored-batch/sealed-files";
import { checkChunks, checkManifest } from "../../../../../systems/batch/core/verify/check-plan";
import type { Finding } from "../../../../../systems/batch/core/verify/verification";
import { GenerationWorld, PREFIX, refOf, SOURCE, STATE } from "../../../../support/generation-world";

/** Nine small files: the second generation carries the first three and packs the others into two chunks. */
let world: GenerationWorld;
let generation: PlannedGeneration;
beforeEach(async () => {
  world = new GenerationWorld();
  for (let file = 0; file < 9; file += 1) world.store.set(SOURCE, `${PREFIX}${file}.txt`, `words of file ${file}`);
  await world.createBatch();
  await world.run(1, ({ file }) => (file < 3 ? "work" : "k"));
  await world.resume(["kills-worker"]);
  await world.plan(2);
  generation = (await world.record(2)) as PlannedGeneration;
});
afterEach(() => {
  world.dispose();
});

/** In the order that a plan's name is made from their hashes. */
const NAMES = ["manifest", "splits", "chunks"] as const;
type Name = (typeof NAMES)[number];
interface Lines {
  readonly manifest: ManifestLine[];
  readonly chunks: ChunkLine[];
  readonly splits: Split[];
}
const KEYS = { manifest: manifestKey, chunks: chunksKey, splits: splitsKey };
const keyOf = (name: Name): string => KEYS[name](refOf(2), generation.plan);
const textOf = (name: Name): string => world.store.text(STATE, keyOf(name));
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The generation with this plan, as if it had always been so; the objects stay under its old name. */
function replan(change: Partial<PlannedGeneration["plan"]>): void {
  generation = { ...generation, plan: { ...generation.plan, ...change } };
}
/** Writes a file of the plan anew, with hashes that fit. */
function rewrite<N extends Name>(name: N, change: (lines: Lines[N]) => unknown[]): void {
  const lines = textOf(name)
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown) as Lines[N];
  const key = keyOf(name);
  world.store.set(
    STATE,
    key,
    change(lines)
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(""),
  );
  const texts = NAMES.map(textOf);
  const hashes = texts.map(sha256);
  replan({ manifestSha256: hashes[0] ?? "", planSha256: sha256(hashes.join("\n")) });
  for (const [index, other] of NAMES.entries()) world.store.set(STATE, keyOf(other), texts[index] ?? "");
}
const manifestFinding = (): Promise<Finding> => checkManifest(world.store, STATE, generation);
const chunksFinding = (): Promise<Finding> => checkChunks(world.store, STATE, generation);
const at = <T extends object>(lines: T[], index: number, change: Partial<T>): T[] =>
  lines.map((line, position) => (position === index ? { ...line, ...change } : line));

test("a plan as it was written holds, with what it comes to", async () => {
  const { bytes, chunkCount } = generation.plan;
  expect(chunkCount).toBe(2);
  expect(await manifestFinding()).toEqual({ counts: { files: 9, bytes, carried: 3 } });
  expect(await chunksFinding()).toEqual({ counts: { chunks: 2, bytes: textOf("splits").length } });
});

test.each<[string, () => void, RegExp]>([
  [
    "another hash",
    () => {
      replan({ manifestSha256: "0".repeat(64) });
    },
    /manifest\.jsonl hashes to [0-9a-f]{64}, the plan says 0{64}/,
  ],
  [
    "a number twice",
    () => {
      rewrite("manifest", (lines) => at(lines, 1, { file: 0 }));
    },
    /^line 2 of .*manifest\.jsonl has another number than 1$/,
  ],
  [
    "two lines swapped",
    () => {
      rewrite("manifest", (lines) => [...lines].reverse());
    },
    /^line 1 of .* has another number than 0$/,
  ],
  [
    "a file less",
    () => {
      rewrite("manifest", (lines) => lines.slice(0, -1));
    },
    /holds \{"files":8,.*the plan says \{"files":9,/,
  ],
  [
    "files that the plan doesn't count",
    () => {
      replan({ fileCount: 10 });
    },
    /holds \{"files":9,.*the plan says \{"files":10,/,
  ],
  [
    "bytes that the plan doesn't count",
    () => {
      rewrite("manifest", (lines) => at(lines, 0, { size: 1 }));
    },
    /"bytes":\d+,.*the plan says .*"bytes":\d+/,
  ],
  [
    "a carried file that the plan doesn't count",
    () => {
      rewrite("manifest", (lines) => at(lines, 8, { carriedFrom: 1 }));
    },
    /"carried":4\}, the plan says .*"carried":3\}/,
  ],
])("manifest: %s is found and named", async (_, damage, wrong) => {
  damage();
  expect((await manifestFinding()).wrong).toMatch(wrong);
});

test.each<[string, () => void, RegExp]>([
  [
    "another hash of a chunk",
    () => {
      rewrite("chunks", (lines) => at(lines, 1, { sha256: "0".repeat(64) }));
    },
    /^the splits of chunk 1 hash to [0-9a-f]{64}, the plan says 0{64}$/,
  ],
  [
    "a number that was left out",
    () => {
      rewrite("chunks", (lines) => at(lines, 1, { index: 2 }));
    },
    /^chunk 1 does not follow the one before it$/,
  ],
  [
    "a gap",
    () => {
      rewrite("chunks", ([first, second]) => [first, { ...second, offset: (second?.offset ?? 0) + 1 }]);
    },
    /^chunk 1 does not follow the one before it$/,
  ],
  [
    "a chunk less",
    () => {
      rewrite("chunks", ([first]) => [first]);
    },
    /^splits\.jsonl goes on behind the last chunk$/,
  ],
  [
    "fewer splits",
    () => {
      rewrite("splits", (lines) => lines.slice(0, -1));
    },
    /^the splits of chunk 1 hash to nothing: they end before, the plan says/,
  ],
  [
    "chunks that the plan doesn't count",
    () => {
      replan({ chunkCount: 3 });
    },
    /^there are 2 chunks, the plan says 3$/,
  ],
  [
    "another manifest",
    () => {
      replan({ manifestSha256: "0".repeat(64) });
    },
    /^the plan's files hash to [0-9a-f]{64}, META says [0-9a-f]{64}$/,
  ],
])("chunks: %s is found and named, the first fault alone", async (_, damage, wrong) => {
  damage();
  expect((await chunksFinding()).wrong).toMatch(wrong);
});
