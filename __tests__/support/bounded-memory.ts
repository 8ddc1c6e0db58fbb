import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { temporaryDirectory } from "./count-harness";

const run = promisify(execFile);
const MEBIBYTE = 2 ** 20;
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

/** Counts streams in processes of their own, whose memory is measured (`memory-child.ts`). */
export class BoundedMemory {
  private readonly bundles = temporaryDirectory();
  private readonly work = temporaryDirectory();
  private readonly child = join(this.bundles.path, "memory-child.js");

  /** @param memoryBytes what a counter may take before it goes to the disk */
  public constructor(private readonly memoryBytes: number) {}

  public async build(): Promise<void> {
    await build({
      entryPoints: [join(__dirname, "memory-child.ts")],
      outfile: this.child,
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
    });
  }

  public remove(): void {
    this.work.assertEmpty();
    this.bundles.remove();
    this.work.remove();
  }

  /** Memory does not depend on the number of distinct words: here more than `words`, many times what memory holds. */
  public async expectManyWords(kind: string, megabytes: number, words: number): Promise<void> {
    const report = await this.count(kind, megabytes);
    expect(report.distinctWords).toBeGreaterThan(words);
    expect(report).toMatchObject({ totalWords: report.distinctWords, read: report.distinctWords, overlongWords: 0 });
    this.expectBound(report, this.memoryBytes);
  }

  /** Memory does not depend on the length of a word or of the text. */
  public async expectLongText(kind: string, megabytes: number): Promise<void> {
    const report = await this.count(kind, megabytes);
    expect(report).toMatchObject({ totalWords: 0, distinctWords: 0, overlongWords: kind === "no-words" ? 0 : 1 });
    this.expectBound(report, 0);
  }

  private expectBound({ maximumResidentBytes, peakHeldBytes }: Report, memoryBytes: number): void {
    expect(peakHeldBytes).toBeLessThan(memoryBytes + BASE_BYTES);
    expect(maximumResidentBytes).toBeLessThan(memoryBytes + BASE_BYTES + PROCESS_BYTES);
  }

  private async count(kind: string, megabytes: number): Promise<Report> {
    const { stdout } = await run(process.execPath, [
      "--expose-gc",
      "--max-old-space-size=48",
      this.child,
      kind,
      String(megabytes),
      String(this.memoryBytes),
      this.work.path,
    ]);
    return JSON.parse(stdout) as Report;
  }
}
