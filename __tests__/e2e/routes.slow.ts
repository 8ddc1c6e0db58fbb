import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { present } from "../../kit/lib/present";
import { testHome } from "../support/command";
import { writeManySmallFiles, writeOddFiles } from "../support/data-sets";
import { expectEqualsReference, readResultFiles } from "../support/result-files";
import { ROUTES, UpStack } from "../support/up-stack";

const HOME = testHome("routes-slow");
/** What a worker finds wrong with the odd files that are quarantined. */
const DETAILS: Readonly<Record<string, string>> = {
  "cut-short.txt.gz": "unexpected end of file",
  "not-packed.txt.gz": "it does not begin as gzip does",
};
const detailOf = ({ name }: { readonly name: string }): string => present(DETAILS[name], `what is wrong with ${name}`);

/** One stack for all tests of this file, kept up by the command itself. */
describe("a local stack that is up", () => {
  let folder: string;
  let out: string;
  let stack: UpStack;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-e2e-"));
    out = path.join(folder, "out");
    stack = await UpStack.start(HOME);
  });
  afterAll(async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(ROUTES)(
    "O.9, D.2, via $name: odd names, encodings and contents each end in their stated state, and in exit code 3 for the quarantined",
    async ({ name, options, viaUpload }) => {
      const odd = path.join(folder, `odd ${name}`);
      const files = await writeOddFiles(odd, 300_000);
      // two of them are named as archives and are none: what a worker makes of them is asked here
      const { batchId, result } = await stack.submit(out, odd, "--keep-archives", ...options);
      expect(result.exitCode).toBe(3);
      // the ledger keeps no detail of single files; their acknowledgements have it
      const told = files.map((file) => (file.status === "quarantined" && !viaUpload ? { ...file, detail: detailOf(file) } : file));
      await expectEqualsReference(await readResultFiles(out, batchId), odd, told);
      const messages = await stack.takeMessages(files.length + (viaUpload ? 0 : 1));
      for (const status of ["processed", "skipped", "quarantined"]) {
        const expected = files.filter((file) => file.status === status);
        expect(expected).not.toHaveLength(0);
        expect(messages.filter(({ type }) => type === `file-${status}`)).toHaveLength(expected.length);
      }
      for (const file of files.filter(({ status }) => status === "quarantined")) {
        const [key, detail] = [`/${file.name}`, detailOf(file)].map((part) => expect.stringContaining(part) as string);
        expect(messages).toContainEqual(expect.objectContaining({ type: "file-quarantined", key, detail }));
      }
    },
  );

  test("D.3: 1,000 small files in one batch", async () => {
    const many = path.join(folder, "many");
    const files = await writeManySmallFiles(many, 1_000);
    const { batchId, result } = await stack.submit(out, many, "--route", "fleet");
    expect(result.exitCode).toBe(0);
    await expectEqualsReference(await readResultFiles(out, batchId), many, files);
    const messages = await stack.takeMessages(1_001);
    expect(messages.filter(({ type }) => type === "file-processed")).toHaveLength(1_000);
    expect(messages.filter(({ type }) => type === "batch-completed")).toHaveLength(1);
  });
});
