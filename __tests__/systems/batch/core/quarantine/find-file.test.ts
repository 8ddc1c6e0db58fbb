import { findFile, UnknownFileError, type FoundFile } from "../../../../../systems/batch/core/quarantine/find-file";
import { BATCH_ID, GenerationWorld, PREFIX, refOf, SOURCE, STATE } from "../../../../support/generation-world";

describe("a file of a reported generation", () => {
  let world: GenerationWorld;
  beforeEach(async () => {
    world = new GenerationWorld();
    await world.createBatch();
  });
  afterEach(() => {
    world.dispose();
  });
  const find = (filename: string, generation = 1, signal?: AbortSignal): Promise<FoundFile> =>
    findFile(
      { ledger: world.ledger, objects: world.store, stateBucket: STATE },
      { ref: refOf(generation), sources: [{ bucket: SOURCE, prefix: PREFIX }], filename },
      signal,
    );
  const fill = (): void => {
    for (const name of ["a.txt", "b.txt", "c.txt"]) world.store.set(SOURCE, PREFIX + name, `delta words of ${name}`);
  };

  test("is found by its name in results: what the plan froze of it, and what became of it", async () => {
    fill();
    await world.run(1, ({ key }) => (key === `${PREFIX}b.txt` ? "g" : "work"));
    const { line, result } = await find("b.txt");
    expect(line).toMatchObject({ key: `${PREFIX}b.txt`, file: 1 });
    expect(result).toMatchObject({ filename: "b.txt", status: "quarantined", reason: "corrupt-gzip" });
    expect((await find("c.txt")).result).toMatchObject({ filename: "c.txt", status: "processed" });
  });

  test("is unknown by another name, such as its key", async () => {
    fill();
    await world.run(1, () => "work");
    for (const name of ["z.txt", `${PREFIX}a.txt`]) {
      const finding = find(name);
      await expect(finding).rejects.toThrow(UnknownFileError);
      await expect(finding).rejects.toThrow(`batch ${BATCH_ID} (generation 1) has no file '${name}'`);
    }
  });

  test("is found in the manifest of an earlier generation when its own was closed before it was planned", async () => {
    fill();
    await world.run(1, ({ key }) => (key === `${PREFIX}b.txt` ? "g" : "work"));
    await world.resume(["corrupt-gzip"]);
    await world.finish(2, "cancelled");
    expect(await find("b.txt", 2)).toMatchObject({ line: { key: `${PREFIX}b.txt` }, result: { filename: "b.txt" } });
  });

  test("is looked for no longer than its signal says", async () => {
    fill();
    await world.run(1, () => "work");
    await expect(find("a.txt", 1, AbortSignal.abort(new Error("interrupted")))).rejects.toThrow("interrupted");
  });
});
