import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ChaosStack } from "../support/chaos/chaos-stack";
import { testHome } from "../support/command";
import { writeWordFreqSet } from "../support/data-sets";
import { LocalSynthesis } from "../support/permissions";

describe("a file that kills every worker that reads it", () => {
  let folder: string;
  let chaos: ChaosStack;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-deadly-"));
    const synthesis = new LocalSynthesis();
    const place = { texts: path.join(folder, "texts"), out: path.join(folder, "out") };
    chaos = await ChaosStack.start(testHome("deadly-file"), synthesis, place).finally(() => {
      synthesis.remove();
    });
  });
  afterAll(async () => {
    await chaos.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("invariant 7: is quarantined after three deaths, and costs no other file anything", async () => {
    const texts = path.join(folder, "texts");
    const files = await writeWordFreqSet(texts, { files: 30, totalBytes: 300_000 });
    const deadly = "17.txt";
    await chaos.makeDeadly(deadly);
    const running = chaos.run(texts, "--route", "fleet");
    // one death, after which the chunk runs in careful mode, and two there
    expect(await chaos.killReaders(running)).toBe(3);
    const found = await running;
    expect(found.batch.files).toMatchObject({ total: files.length, processed: files.length - 1, quarantined: 1 });
    expect(found.lines.filter(({ status }) => status !== "processed")).toMatchObject([{ filename: deadly, reason: "kills-worker" }]);
  });

  test("S1.52: on the upload path is acknowledged as quarantined by the repairs, once it is a dead letter, and the run ends", async () => {
    const texts = path.join(folder, "uploads");
    const files = await writeWordFreqSet(texts, { files: 6, totalBytes: 60_000 });
    const deadly = "3.txt";
    await chaos.makeDeadly(deadly);
    const running = chaos.run(texts, "--via", "upload");
    const killing = chaos.killReaders(running);
    // files that were received with the deadly one go back: another round of receipts, and one more run of the repairs
    const repairing = chaos.repairUploads(running);
    const { lines, messages } = await running;
    await repairing;
    await killing;
    expect(lines.map(({ filename, status, reason }) => [filename, status, reason])).toEqual(
      files.map(({ name }) => [name, ...(name === deadly ? ["quarantined", "kills-worker"] : ["processed", undefined])]),
    );
    // whoever is killed between an acknowledgement and the deletion leaves the same message again, byte for byte (invariant 4)
    const told = [...new Set(messages.map((message) => JSON.stringify(message)))].map((message) => JSON.parse(message) as object);
    expect(told).toHaveLength(files.length);
    expect(told.filter((message) => !("result" in message))).toMatchObject([
      { type: "file-quarantined", reason: "kills-worker", key: expect.stringMatching(`/${deadly}$`) as string },
    ]);
  });
});
