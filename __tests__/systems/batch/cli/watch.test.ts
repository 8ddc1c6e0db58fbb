import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { InterruptedError } from "../../../../kit/cli/command-errors";
import { BACKGROUND, Harness } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
  harness.background = BACKGROUND;
  await mkdir(path.join(harness.directory, "texts"));
  await writeFile(path.join(harness.directory, "texts/a.txt"), "hello");
});
afterEach(() => rm(harness.directory, { recursive: true, force: true }));

async function submit(...options: string[]): Promise<string> {
  return (await harness.run("submit", "texts", ...options)).stdout.trim();
}
/** Interrupts the command at its next pause. */
function interruptAtPause(): void {
  const sleep = harness.clock.sleep.bind(harness.clock);
  harness.clock.sleep = (milliseconds, signal) => {
    harness.interruption.abort(new InterruptedError());
    return sleep(milliseconds, signal);
  };
}

describe("watch", () => {
  test("shows the result of a batch that has ended, fetches it when asked, and ends with its exit code", async () => {
    const batchId = await submit();
    const { exitCode, stdout } = await harness.run("watch", batchId, "--json", "--out", "there");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ batchId, status: "completed" });
    expect(await readdir(path.join(harness.directory, "there", batchId))).toContain("results.jsonl");
    await writeFile(path.join(harness.directory, "texts/b.bad"), "x");
    expect((await harness.run("watch", await submit())).exitCode).toBe(3);
  });

  test("waits for one that runs, to its end", async () => {
    harness.finishes = false;
    const batchId = await submit();
    const sleep = harness.clock.sleep.bind(harness.clock);
    harness.clock.sleep = async (milliseconds, signal) => {
      harness.clock.sleep = sleep;
      await harness.finishGeneration({ batchId, generation: 1 });
      return sleep(milliseconds, signal);
    };
    const { exitCode, stdout } = await harness.run("watch", "latest");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining(`batch ${batchId} completed`) as string });
  });

  test.each([["watch"], ["submit", "--watch"], ["resume", "--watch"], ["cancel", "--watch"]])(
    "Ctrl-C in `%s` says that the batch goes on, and how to come back",
    async (verb, ...options) => {
      harness.finishes = false;
      const known = verb === "submit" ? undefined : await submit();
      harness.workflow.startFinish = () => Promise.resolve(true);
      if (verb === "resume" && known !== undefined) {
        await harness.finishGeneration({ batchId: known, generation: 1 }, "cancelled");
      }
      interruptAtPause();
      const { exitCode, stderr } = await harness.run(verb, known ?? "texts", ...options);
      const [batch] = await harness.ledger.listBatches(1);
      const batchId = batch?.batchId ?? "";
      expect(exitCode).toBe(130);
      const told =
        verb === "cancel"
          ? `batch ${batchId} is sealed and reported without this command\nnext: npx filemill watch ${batchId}  see it to its end\n`
          : `batch ${batchId} goes on without this command\n` +
            `next: npx filemill watch ${batchId}   see it to its end\nnext: npx filemill cancel ${batchId}  stop it in order\n`;
      expect(stderr).toMatch(new RegExp(`${told}interrupted\n$`));
    },
  );

  test("on a deployed stack it says that the batch costs", async () => {
    harness.finishes = false;
    const batchId = await submit();
    harness.parts = {
      doctor: { probe: { probe: () => Promise.resolve([]) }, emulator: false, conformanceTarget: () => undefined },
    } as never;
    interruptAtPause();
    expect((await harness.run("watch", batchId)).stderr).toContain(
      `batch ${batchId} goes on without this command, and what it does costs\n`,
    );
  });

  test("Ctrl-C in `submit --via upload --watch` says that the stack goes on with the files", async () => {
    harness.finishes = false;
    interruptAtPause();
    const { exitCode, stderr } = await harness.run("submit", "texts", "--via", "upload", "--watch");
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(
      /the stack goes on with the files; .*\nnext: npx filemill results processing\/uploads\/\w{26}\/NAME  the result of one file\ninterrupted\n$/,
    );
  });

  test("of a batch whose files don't all come, it says at once how to bring them, and gives up in the end", async () => {
    harness.objects.putFile = () => Promise.reject(Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" }));
    const submitted = await harness.run("submit", "texts", "--request-id", "nightly run");
    expect(submitted.stderr).toContain(
      "; if this breaks off, it goes on when the same is submitted again with --request-id 'nightly run'\n",
    );
    const { exitCode, stderr } = await harness.run("watch", "nightly run");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 });
    expect(stderr).toMatch(
      /^0 of the 1 files of batch \w{26} are there; if nobody brings the others, submit the same files again with --request-id 'nightly run'\n/,
    );
    expect(stderr).not.toContain("goes on without");
  });
});

describe("a batch is named by", () => {
  const OTHER = "01M8GC2VC6DWZ2XCRY4AGSAXGC";
  const named = async (text: string): Promise<{ exitCode: number; batchId?: unknown; stderr: string }> => {
    const { exitCode, stderr, stdout } = await harness.run("status", text, "--json");
    return { exitCode, stderr, ...(exitCode === 0 ? { batchId: (JSON.parse(stdout) as { batchId: string }).batchId } : {}) };
  };

  test("its id in upper or lower case, its request id, an unambiguous beginning of its id", async () => {
    const batchId = await submit("--request-id", "nightly-0421");
    for (const name of [
      batchId,
      batchId.toLowerCase(),
      "nightly-0421",
      "latest",
      batchId.slice(0, 20),
      batchId.slice(0, 4).toLowerCase(),
    ]) {
      expect(await named(name)).toMatchObject({ exitCode: 0, batchId });
    }
    expect(await named(batchId.slice(0, 3))).toMatchObject({ exitCode: 2 });
  });
  test("a request id that looks like another batch's id stands for that other batch", async () => {
    const first = await submit();
    const second = await submit("--request-id", first.toLowerCase());
    expect(await named(first.toLowerCase())).toMatchObject({ batchId: first });
    expect(await named(second)).toMatchObject({ batchId: second });
    const third = await submit("--request-id", second.slice(0, 10));
    expect(await named(second.slice(0, 10))).toMatchObject({ batchId: third });
  });
  test("what fits several is refused with the candidates, and what fits none with the nearest", async () => {
    const ids = [await submit("--request-id", "nightly-0421"), await submit()];
    const { exitCode, stderr } = await named("01M8".slice(0, 2) + (ids[0] ?? "").slice(2, 6));
    expect(exitCode).toBe(2);
    for (const id of ids) expect(stderr).toContain(id);
    expect((await named("nightly-0422")).stderr).toMatch(
      /'nightly-0422' is not a batch's id and no request id.*\nfix: did you mean nightly-0421\?/,
    );
    expect((await named(OTHER)).stderr).toContain(`no such batch: ${OTHER}`);
    expect((await named("")).stderr).toContain("an empty name is no batch's");
  });
});
