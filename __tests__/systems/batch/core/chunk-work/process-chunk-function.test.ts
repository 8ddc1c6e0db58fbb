import { ATTEMPTS_PER_ROUND, LAMBDA_RESERVE_SECONDS } from "../../../../../systems/batch/contracts/lambda-rounds";
import { attemptNumber, runProcessChunk, type Invocation } from "../../../../../systems/batch/core/chunk-work/process-chunk-function";
import { BatchWorld, REF } from "../../../../support/batch-world";

const RESERVE_MILLISECONDS = LAMBDA_RESERVE_SECONDS * 1_000;

describe("a round of the route lambda", () => {
  let world: BatchWorld;
  beforeEach(async () => {
    world = new BatchWorld();
    await world.plan(["a.txt", "b.txt", "c.txt"].map((name) => ({ name, body: `delta words of ${name}` })));
  });
  afterEach(() => {
    world.dispose();
  });
  const invoke = (change: Partial<Invocation> = {}, round = 0, retry = 0): ReturnType<typeof runProcessChunk> => {
    const invocation = { remainingMilliseconds: () => 900_000, ...change };
    return runProcessChunk(world.chunkDeps(), { ...REF, chunk: world.chunk, round, retry }, invocation);
  };
  const attempt = (round: number, retry: number): string => `lambda:${REF.batchId}-g1-c0-r${round}-a${retry}`;

  test("ADR 12: it finishes the chunk and says so", async () => {
    expect(await invoke({}, 2)).toEqual({ outcome: "finished", round: 3 });
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({
      outcomes: "PPP",
      holder: { worker: attempt(2, 0), leaseUntil: 0, attempt: 2 * ATTEMPTS_PER_ROUND },
    });
  });

  test("invariant 4: it notes that it has acknowledged a finished chunk, after it has; an unfinished one it doesn't", async () => {
    let wasNoted: unknown;
    const acknowledge = async (): Promise<void> => {
      wasNoted = (await world.ledger.getChunk(REF, 0))?.acknowledged;
    };
    const input = { ...REF, chunk: world.chunk, round: 0, retry: 0 };
    await runProcessChunk({ ...world.chunkDeps(), acknowledge: () => Promise.reject(new Error("queue out of reach")) }, input, {
      remainingMilliseconds: () => 900_000,
    }).catch(() => undefined);
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ state: "finished" });
    expect(await world.ledger.getChunk(REF, 0)).not.toHaveProperty("acknowledged");
    await runProcessChunk({ ...world.chunkDeps(), acknowledge }, { ...input, retry: 1 }, { remainingMilliseconds: () => 900_000 });
    expect(wasNoted).toBeUndefined();
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ state: "finished", acknowledged: true });
  });

  test("ADR 12: a minute before its deadline it commits, releases the claim as drained and asks for another round", async () => {
    let asked = 0;
    const remainingMilliseconds = (): number => ((asked += 1) < 4 ? RESERVE_MILLISECONDS : RESERVE_MILLISECONDS - 1);
    expect(await invoke({ remainingMilliseconds })).toEqual({ outcome: "again", round: 1 });
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ outcomes: "PP", released: { claim: 1, cause: "drain" } });
    expect(await invoke({}, 1)).toEqual({ outcome: "finished", round: 2 });
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ deaths: 0, claim: 2 });
  });

  test("ADR 2: an attempt after one that left no word counts a death at once: it has no lease to wait for", async () => {
    await world.ledger.claimChunk(REF, 0, { worker: attempt(0, 0), leaseUntil: 0 });
    expect(await invoke({}, 0, 1)).toMatchObject({ outcome: "finished" });
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ deaths: 1, outcomes: "PPP" });
  });

  test("ADR 2: a second invocation of the same attempt counts nobody dead: a lost reply made it", async () => {
    await world.ledger.claimChunk(REF, 0, { worker: attempt(0, 1), leaseUntil: 0 });
    expect(await invoke({}, 0, 1)).toMatchObject({ outcome: "finished" });
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ deaths: 0, claim: 2, outcomes: "PPP" });
  });

  test("ADR 12: overtaken by a newer invocation it asks again, which finds the chunk finished; closed is told as such", async () => {
    const put = world.results.put.bind(world.results);
    jest.spyOn(world.results, "put").mockImplementationOnce(async (items) => {
      await world.ledger.claimChunk(REF, 0, { worker: attempt(9, 0), leaseUntil: 0 });
      return put(items);
    });
    expect(await invoke()).toEqual({ outcome: "again", round: 1 });
    await world.ledger.closeGeneration(REF, "cancelled");
    expect(await invoke()).toEqual({ outcome: "closed", round: 1 });
  });

  test("invariant 7: an invocation that comes after a newer attempt takes nothing from it, and makes it no dead one", async () => {
    await world.ledger.claimChunk(REF, 0, { worker: attempt(1, 0), leaseUntil: 0, attempt: attemptNumber({ round: 1, retry: 0 }) });
    await world.ledger.intend(REF, 0, 1, 0);
    const before = await world.ledger.getChunk(REF, 0);
    expect(await invoke({}, 0, 3)).toEqual({ outcome: "again", round: 1 });
    expect(await world.ledger.getChunk(REF, 0)).toEqual(before);
    expect(world.results.items.size).toBe(0);
    // the one whose turn it is gets through, and counts the one before it, which left no word
    expect(await invoke({}, 1, 1)).toEqual({ outcome: "finished", round: 2 });
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ claim: 2, deaths: 1, outcomes: "PPP" });
  });

  test("attempts are numbered in the order the state machine makes them, whatever it repeats", () => {
    const made = [0, 1, 2].flatMap((round) => [0, 1, ATTEMPTS_PER_ROUND - 1].map((retry) => attemptNumber({ round, retry })));
    expect(made).toEqual([...new Set(made)].sort((a, b) => a - b));
  });

  test("an event that is none is refused before anything is claimed", async () => {
    await expect(runProcessChunk(world.chunkDeps(), { ...REF }, { remainingMilliseconds: () => 900_000 })).rejects.toThrow();
    expect(await world.ledger.getChunk(REF, 0)).toBeUndefined();
  });
});
