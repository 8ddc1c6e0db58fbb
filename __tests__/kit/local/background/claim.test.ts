import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { identifySelf } from "../../../../kit/folders/processes";
import { BackgroundClaim, whenNothingIsUp } from "../../../../kit/local/background/claim";
import { readUpFile } from "../../../../kit/local/background/up-file";
import { prepareHome } from "../../../../kit/local";
import { AlreadyUpError } from "../../../../kit/local/errors";
import { bundleProgram } from "../../../support/bundle-program";
import { homeOf } from "../support/local-home";

const RACERS = 4;
const ROUNDS = 100;
/** In so many rounds the owner is killed instead of giving up. */
const KILLS = 5;

let home: string;
beforeEach(async () => {
  home = await prepareHome(homeOf(await mkdtemp(path.join(tmpdir(), "filemill-claim-"))));
});
afterEach(() => rm(home, { recursive: true, force: true }));

interface Answer {
  readonly owner?: number;
  readonly refused?: string;
}

describe("the claim of a home's background stack", () => {
  let racers: ChildProcess[];
  afterEach(() => {
    for (const racer of racers) racer.kill("SIGKILL");
  });

  test("of four processes that ask at once exactly one has it, in every round, also after its owner was killed", async () => {
    const program = await bundleProgram("__tests__/kit/local/support/claim-racer.ts", path.join(home, "racer.js"));
    const start = (): ChildProcess => fork(program, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    racers = Array.from({ length: RACERS }, start);
    for (let round = 0; round < ROUNDS; round += 1) {
      const answers = await Promise.all(
        racers.map(async (racer) => {
          const answered = once(racer, "message") as Promise<[Answer]>;
          racer.send({ take: home });
          return (await answered)[0];
        }),
      );
      const owners = answers.flatMap(({ owner }) => owner ?? []);
      expect({ round, owners: owners.length }).toEqual({ round, owners: 1 });
      const [owner = 0] = owners;
      const refused = answers.flatMap((answer) => (answer.owner === undefined ? [answer] : []));
      expect(refused).toEqual(Array(RACERS - 1).fill({ refused: `a local stack is being started by process ${owner}` }));
      const index = racers.findIndex(({ pid }) => pid === owner);
      const racer = racers[index];
      if (racer === undefined) throw new Error(`the owner ${owner} is none of the racers`);
      if (round % (ROUNDS / KILLS) === 0) {
        racer.kill("SIGKILL");
        await once(racer, "exit");
        racers[index] = start();
      } else {
        const released = once(racer, "message");
        racer.send({});
        await released;
      }
    }
  });
});

test("one that was given up leaves nothing that says so, and can be taken again", async () => {
  const claim = await BackgroundClaim.take(home);
  expect(await readUpFile(home)).toMatchObject({ owner: { pid: process.pid } });
  await expect(BackgroundClaim.take(home)).rejects.toThrow(AlreadyUpError);
  await claim.release();
  expect(await readUpFile(home)).toBeUndefined();
  expect(await readdir(home)).not.toContain("up.json");
  await (await BackgroundClaim.take(home)).release();
});

test("what is done when nothing is up waits for nobody, and is left undone while something is", async () => {
  const done: string[] = [];
  const note = (what: string) => (): Promise<void> => {
    done.push(what);
    return Promise.resolve();
  };
  await whenNothingIsUp(home, note("free"));
  const claim = await BackgroundClaim.take(home);
  await whenNothingIsUp(home, note("taken"));
  await claim.release();
  expect(done).toEqual(["free"]);
});

test("a stack of a version without the lock is up as well", async () => {
  const { pid, started } = await identifySelf();
  await writeFile(path.join(home, "up.json"), JSON.stringify({ owner: { pid, started } }));
  await expect(BackgroundClaim.take(home)).rejects.toThrow(`a local stack is being started by process ${process.pid}`);
  await rm(path.join(home, "up.json"));
  await (await BackgroundClaim.take(home)).release();
});

test("a file that a killed process left, or that is no file of ours, is nobody's claim", async () => {
  for (const text of ["", "{", '{"owner":{"pid":1}}', '{"owner":{"pid":1,"started":"another boot/1"}}']) {
    await writeFile(path.join(home, "up.json"), text);
    expect(await readUpFile(home)).toBeUndefined();
    await (await BackgroundClaim.take(home)).release();
  }
});
