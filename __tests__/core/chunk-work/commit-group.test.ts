import { CommitGroupBuilder } from "../../../core/chunk-work/commit-group";
import { SpillingCounter } from "../../../core/counter/spilling-counter";
import { BatchWorld, REF } from "../../support/batch-world";

describe("a commit group", () => {
  let world: BatchWorld;
  beforeEach(() => {
    world = new BatchWorld();
  });
  afterEach(() => {
    world.dispose();
  });

  test("invariant 8: writing a partial of more words than fit into memory is progress, or its lease would be given back each time", async () => {
    await world.plan([{ name: "a.txt", body: "delta" }]);
    const deps = world.chunkDeps();
    let progress = 0;
    const counting = { ...deps.counting, memoryBytes: 65_536, onProgress: (bytes: number) => void (progress += bytes) };
    const counts = new SpillingCounter({ memoryBytes: 65_536, directory: world.directory });
    const words = 5_000;
    for (let word = 0; word < words; word += 1) await counts.add(`word${word}`, 1);
    const stats = { totalWords: words, distinctWords: words, overlongWords: 0, words: [] };
    const group = new CommitGroupBuilder({ ...deps, counting }, deps.clock.now());
    const split = { file: 0, bucket: "source", key: "a.txt", etag: "e", size: 5, lastModified: "2026-01-01T00:00:00.000Z" };
    try {
      await group.add(split, { status: "processed", stats, counts });
      const before = progress;
      const partial = await group.writePartial(REF, 0, 1, 0);
      expect(partial?.splits).toBe(1);
      expect(progress - before).toBeGreaterThan(words * "word0".length);
    } finally {
      await group.dispose();
    }
  });
});
