import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildSync } from "esbuild";
import { temporaryDirectory } from "../../support/count-harness";

// shared machines can be many times slower than this takes
jest.setTimeout(60_000);

const run = promisify(execFile);
const bundles = temporaryDirectory();
const work = temporaryDirectory();
const child = join(bundles.path, "memory-child.js");
afterAll(() => {
  bundles.remove();
  work.remove();
});
afterEach(() => {
  work.assertEmpty();
});

const MEBIBYTE = 2 ** 20;
const MEMORY_BYTES = 16 * MEBIBYTE;
/** The heap of Node and our code: 7 MiB; the rest is for what differs between versions of Node. */
const BASE_BYTES = 12 * MEBIBYTE;
/** Beside that: garbage that is not collected yet, Node's program and libraries, stacks, buffers of the runtime. */
const PROCESS_BYTES = 90 * MEBIBYTE;

interface Report {
  readonly peakHeldBytes: number;
  readonly maximumResidentBytes: number;
  readonly read: number;
  readonly totalWords: number;
  readonly distinctWords: number;
  readonly overlongWords: number;
}

beforeAll(() => {
  buildSync({
    entryPoints: [join(__dirname, "../../support/memory-child.ts")],
    outfile: child,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
  });
});

async function count(kind: string, megabytes: number): Promise<Report> {
  const { stdout } = await run(process.execPath, [
    "--expose-gc",
    "--max-old-space-size=48",
    child,
    kind,
    String(megabytes),
    String(MEMORY_BYTES),
    work.path,
  ]);
  return JSON.parse(stdout) as Report;
}

test.each([
  ["distinct-words", 24],
  ["distinct-spellings", 16],
])(
  "invariant 9: memory does not depend on the number of distinct words (%s)",
  async (kind, megabytes) => {
    const report = await count(kind, megabytes);
    expect(report.distinctWords).toBeGreaterThan(1_000_000);
    expect(report).toMatchObject({ totalWords: report.distinctWords, read: report.distinctWords, overlongWords: 0 });
    expect(report.peakHeldBytes).toBeLessThan(MEMORY_BYTES + BASE_BYTES);
    expect(report.maximumResidentBytes).toBeLessThan(MEMORY_BYTES + BASE_BYTES + PROCESS_BYTES);
  },
  40_000,
);

test.each([
  ["one-word", 200],
  ["one-accented-word", 50],
  ["no-words", 50],
])(
  "invariant 9: memory does not depend on the length of a word or of the text (%s)",
  async (kind, megabytes) => {
    const report = await count(kind, megabytes);
    expect(report).toMatchObject({ totalWords: 0, distinctWords: 0, overlongWords: kind === "no-words" ? 0 : 1 });
    expect(report.peakHeldBytes).toBeLessThan(BASE_BYTES);
    expect(report.maximumResidentBytes).toBeLessThan(BASE_BYTES + PROCESS_BYTES);
  },
  40_000,
);
