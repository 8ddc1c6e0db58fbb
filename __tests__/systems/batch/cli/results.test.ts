import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { resultKey, resultsKey } from "../../../../systems/batch/contracts/state-keys";
import { Harness } from "./harness";

const UNKNOWN = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.upWithTexts();
});
afterEach(() => rm(harness.directory, { recursive: true, force: true }));

/** Gives the first file of a finished batch an output. */
function putOutput(batchId: string): void {
  const ref = { batchId, generation: 1 };
  const { objects } = harness;
  const output = { name: "page.html", key: "made", bytes: 4, sha256: createHash("sha256").update("<p/>").digest("hex") };
  const [first, ...others] = objects.text("state", resultsKey(ref)).split("\n");
  objects.set("state", output.key, "<p/>");
  objects.set(
    "state",
    resultsKey(ref),
    [JSON.stringify({ ...(JSON.parse(first ?? "{}") as object), outputs: [output] }), ...others].join("\n"),
  );
  const document = JSON.parse(objects.text("state", resultKey(ref))) as object;
  objects.set("state", resultKey(ref), JSON.stringify({ ...document, outputs: { files: 1, bytes: 4 } }));
}

describe("results", () => {
  test("of a batch: shown, and written with --out", async () => {
    const batchId = await harness.submitted();
    const shown = await harness.run("results", batchId);
    expect(shown.exitCode).toBe(3);
    expect(shown.stdout).toContain(`batch ${batchId} completed on route fleet: 2 files, 10 B in 1.5 s`);
    expect(await readdir(harness.directory)).not.toContain("there");
    const fetched = await harness.run("results", batchId, "--out", "there", "--json");
    expect(JSON.parse(fetched.stdout)).toMatchObject({ batchId, seconds: 1.5 });
    expect(await readdir(path.join(harness.directory, "there", batchId))).toHaveLength(3);
  });
  test.each([[[]], [["--json"]], [["--format", "csv"]], [["--out", "there"]], [["--out", "there", "--json"]]])(
    "with outputs fetched: says once where they lie %j",
    async (options) => {
      const batchId = await harness.submitted();
      putOutput(batchId);
      const place = path.join(harness.directory, "made");
      const { stdout, stderr } = await harness.run("results", batchId, "--outputs", "made", ...options);
      expect(`${stdout}${stderr}`.split(`1 output, 4 B: ${place}\n`)).toHaveLength(2);
      expect(`${stdout}${stderr}`).not.toContain("brings them");
      expect(await readFile(path.join(place, "a.txt", "page.html"), "utf8")).toBe("<p/>");
    },
  );
  test("of a file: its item in the table, or why there is none", async () => {
    const { stdout } = await harness.run("submit", "texts", "--via", "upload", "--json");
    const { filenamePrefix } = JSON.parse(stdout) as { filenamePrefix: string };
    const item = await harness.run("results", `${filenamePrefix}a.txt`, "--json");
    expect(JSON.parse(item.stdout)).toMatchObject({
      filename: `${filenamePrefix}a.txt`,
      result: { words: [{ word: "people", count: 2 }] },
    });
    const exception = await harness.run("results", `${filenamePrefix}b.bad`);
    expect(exception).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("quarantined (corrupt-gzip)") as string });
    // as the AWS CLI and the console have it
    for (const name of ["a.txt", "b.bad"]) {
      for (const options of [[], ["--json"]]) {
        const plain = await harness.run("results", `${filenamePrefix}${name}`, ...options);
        expect(await harness.run("results", `s3://${filenamePrefix}${name}`, ...options)).toEqual(plain);
      }
    }
  });
  test.each([
    ["an unknown batch", [UNKNOWN], /no such batch/],
    ["an unknown file", ["processing/none.txt"], /no result of 'processing\/none.txt'/],
    ["an unknown file by its address", ["s3://processing/none.txt"], /no result of 'processing\/none.txt'/],
    ["a bucket's address", ["s3://processing/"], /'s3:\/\/processing\/' is a bucket, and no file/],
    ["half an address", ["s3:processing/a.txt"], /is not an S3 address/],
    ["neither", ["what"], /'what' is not a batch's id and no request id/],
    ["--out with a file", ["processing/a.txt", "--out", "x"], /--out with a file/],
  ])("%s exits with 2", async (_name, args, message) => {
    const { exitCode, stderr } = await harness.run("results", ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
  test("a batch that runs has none yet", async () => {
    harness.finishes = false;
    const { exitCode, stderr } = await harness.run("results", await harness.submitted());
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/has no result yet\nfix: .*filemill status/);
  });
});
