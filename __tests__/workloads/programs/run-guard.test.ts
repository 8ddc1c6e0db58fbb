import { spawn } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { bundleProgram } from "../../support/bundle-program";
import { processesOf } from "../../support/leftovers";

/** Shell, its pauses, and the two that have left its group. */
const AT_LEAST = 4;
/** From the kill on; far more than it takes on a quiet machine. */
const GONE_WITHIN_MILLISECONDS = 10_000;

test("when a worker is killed, the program that it ran is ended with all that it has started", async () => {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), "filemill-guard-")));
  try {
    const [program, work] = [path.join(folder, "program.js"), path.join(folder, "work")];
    await mkdir(work);
    await bundleProgram("__tests__/support/guarded-program.ts", program);
    const worker = spawn(process.execPath, [program, work], { stdio: "inherit" });
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    while ((await processesOf(work)).length < AT_LEAST) await wait(20);
    worker.kill("SIGKILL");
    await ended;
    const deadline = performance.now() + GONE_WITHIN_MILLISECONDS;
    let left = await processesOf(work);
    while (left.length > 0 && performance.now() < deadline) {
      await wait(20);
      left = await processesOf(work);
    }
    expect(left).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
