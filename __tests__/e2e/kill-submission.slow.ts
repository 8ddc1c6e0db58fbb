import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { runCommand, startCommand, testHome, type CommandResult } from "../support/command";
import { writeWordFreqSet } from "../support/data-sets";
import { processesOf } from "../support/leftovers";
import { seededRandom } from "../../kit/lib/seeded-random";
import { expectEqualsReference, readResultFiles } from "../support/result-files";
import { UpStack } from "../support/up-stack";

const HOME = testHome("kill-submission");
/** 3 in CI; `npm run test:kill-submission` does 50. */
const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 3);
const SEED = Number(process.env["KILL_SEED"] ?? 1);
const FILES = 40;

const statusSchema = z.object({
  batches: z.array(z.object({ batchId: z.string(), state: z.string(), files: z.object({ processed: z.int() }).optional() })),
});
/** What the command says before the first byte goes up. */
const HINT = /^batch (\w{26}); if this breaks off, it goes on when the same is submitted again with --request-id (\S+)$/m;

type Way = readonly string[];
const WAYS: readonly Way[] = [[], ["--request-id"], ["--via", "upload"]];

describe("`kill -9` of the command at any moment of a submission", () => {
  let folder: string;
  let stack: UpStack;
  const at = (...names: string[]): string => path.join(folder, ...names);
  /** Where commands put temporary files. */
  const variables = (): Readonly<Record<string, string>> => ({ TMPDIR: at("tmp") });
  const submit = (texts: string, way: Way): string[] => ["submit", texts, ...way, "--watch", "--json", "--out", at("out")];
  const run = (...args: string[]): Promise<CommandResult> => runCommand(HOME, args, folder, variables());

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-kill-"));
    await mkdir(at("tmp"));
    stack = await UpStack.start(HOME);
    // makes the moments between two files as likely as those before and after them
    await stack.faults.set(
      [{ kind: "delay-reply", operation: "s3:PutObject", matching: "^/filemill-uploading-local/", seconds: 0.15 }],
      SEED,
    );
  });
  afterAll(async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const lengths = new Map<Way, number>();
  /** What an undisturbed submission takes, in milliseconds. */
  async function lengthOf(way: Way, texts: string): Promise<number> {
    const known = lengths.get(way);
    if (known !== undefined) return known;
    const startedAt = performance.now();
    const { exitCode, stderr } = await run(...submit(texts, full(way, "undisturbed")));
    if (exitCode !== 0) throw new Error(stderr);
    const length = performance.now() - startedAt;
    lengths.set(way, length);
    return length;
  }
  const full = (way: Way, requestId: string): Way => (way[0] === "--request-id" ? [...way, requestId] : way);

  /** Batches that are completed with a part of their files, or broke off and don't say how they go on. */
  async function silentBatches(): Promise<string[]> {
    const { batches } = statusSchema.parse(JSON.parse((await run("status", "--json")).stdout));
    const silent: string[] = [];
    for (const { batchId, files, state } of batches) {
      // killed after the ledger knew the batch, and before the command could say so
      const says = state === "uploading" && /submit the same files again with --request-id \S+/.test((await run("status", batchId)).stdout);
      if (!(state === "completed" && files?.processed === FILES) && !says) silent.push(`${batchId} ${state} ${JSON.stringify(files)}`);
    }
    return silent;
  }

  const random = seededRandom(SEED);
  test.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    "round %d: what follows the command's own hints ends with all files",
    async (round) => {
      const way = WAYS[round % WAYS.length] ?? [];
      const texts = at(`texts-${round}`);
      const files = await writeWordFreqSet(texts, { files: FILES, totalBytes: FILES * 2_000 });
      const moment = random() * (await lengthOf(way, texts));
      const args = full(way, `round-${round}`);
      const command = startCommand(HOME, submit(texts, args), folder, variables());
      await Promise.race([wait(moment), command.finished]);
      command.process.kill("SIGKILL");
      const killed = await command.finished;

      const [, announced, requestId] = HINT.exec(killed.stderr) ?? [];
      const again = await run(...submit(texts, requestId === undefined ? args : ["--request-id", requestId]));
      const seen = { seed: SEED, round, moment, killed: killed.stderr, again: again.stderr };
      expect({ ...seen, exitCode: again.exitCode }).toMatchObject({ exitCode: 0 });
      const { batchId } = z.object({ batchId: z.string() }).parse(JSON.parse(again.stdout));
      expect({ ...seen, batchId }).toMatchObject({ batchId: announced ?? batchId });
      await expectEqualsReference(await readResultFiles(at("out"), batchId), texts, files);
      expect({ ...seen, silent: await silentBatches() }).toMatchObject({ silent: [] });
    },
  );

  test("temporary folders of killed commands go with the next command that makes one", async () => {
    expect((await run(...submit(at("texts-0"), ["--via", "upload"]))).exitCode).toBe(0);
    expect(await readdir(at("tmp"))).toEqual([]);
  });

  test("nothing of the stack is left when it is down", async () => {
    await runCommand(HOME, ["local", "down"]);
    expect(await processesOf(HOME)).toEqual([]);
  });
});
