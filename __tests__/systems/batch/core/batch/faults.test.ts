import fc from "fast-check";
import { processChunk } from "../../../../../systems/batch/core/chunk-work/process-chunk";
import { fileResultSchema } from "../../../../../systems/batch/contracts/files";
import { resultsKey } from "../../../../../systems/batch/contracts/state-keys";
import type { Ledger } from "../../../../../systems/batch/ports/ledger";
import { reduce } from "../../../../../systems/batch/core/reduce/reduce";
import { seal } from "../../../../../systems/batch/core/seal/seal";
import { BatchWorld, REF, SOURCE, STATE, type WorldFile } from "../../../../support/batch-world";
import { referenceCount } from "../../../../support/reference";
import { onlySealedKey } from "../../../../support/sealed-object";
import { totalWords as totalOf } from "../../../../support/word-count";

/** Each call asks for its fate: carried out, lost on the way there, or carried out and its reply lost. */
type Fate = "fine" | "lost" | "reply-lost";
class FaultError extends Error {}

const WORDS = ["delta", "omega", "gamma", "epsilon", "lambda"];
const filesOf = (bodies: readonly (readonly number[])[]): WorldFile[] =>
  bodies.map((words, index) => {
    const body = words.map((word) => WORDS[word]).join(" ");
    const name = `${String(index).padStart(3, "0")}.txt`;
    return body.length > 20 && index % 3 === 0 ? { name, body, cuts: [Math.floor(body.length / 2)] } : { name, body };
  });

function faulty<T extends object>(target: T, methods: readonly (keyof T & string)[], next: () => Fate): T {
  return new Proxy(target, {
    get: (object, name) => {
      const value: unknown = Reflect.get(object, name);
      if (typeof value !== "function") return value;
      if (!methods.some((method) => method === name)) return value.bind(object) as unknown;
      return async (...call: unknown[]): Promise<unknown> => {
        const fate = next();
        if (fate === "lost") throw new FaultError(`${String(name)} was lost`);
        const result: unknown = await Reflect.apply(value, object, call);
        if (fate === "reply-lost") throw new FaultError(`the reply of ${String(name)} was lost`);
        return result;
      };
    },
  });
}

const LEDGER_CALLS = [
  "claimChunk",
  "intend",
  "releaseClaim",
  "commitGroup",
  "getChunk",
  "closeChunk",
  "closeGeneration",
  "sealGeneration",
] as const satisfies (keyof Ledger)[];

test("invariants 1, 3, 4, 5: whatever is lost, repeated or overtaken, each file counts once or not at all, and what counts is acknowledged", async () => {
  const fates = fc.infiniteStream(
    fc.oneof({ weight: 6, arbitrary: fc.constant("fine" as const) }, fc.constantFrom<Fate>("lost", "reply-lost")),
  );
  const scenario = fc.record({
    bodies: fc.array(fc.array(fc.nat({ max: WORDS.length - 1 }), { maxLength: 12 }), { minLength: 1, maxLength: 8 }),
    filesPerChunk: fc.integer({ min: 1, max: 4 }),
    acknowledgePer: fc.constantFrom("file" as const, "chunk" as const),
    deliveries: fc.array(
      fc.record({
        chunk: fc.nat({ max: 3 }),
        stopAfter: fc.nat({ max: 4 }),
        abortAfter: fc.nat({ max: 6 }),
        // others than the slot it races with: two that commit the same groups could not be told apart
        splitsPerGroup: fc.integer({ min: 1, max: 4 }),
      }),
      { maxLength: 24 },
    ),
    closeAt: fc.nat({ max: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, fates, async ({ acknowledgePer, bodies, closeAt, deliveries, filesPerChunk }, stream) => {
      const world = new BatchWorld();
      try {
        const files = filesOf(bodies);
        await world.plan(files, { filesPerChunk, acknowledgePer });
        const next = (): Fate => stream.next().value as Fate;
        const common = {
          ledger: faulty(world.ledger, LEDGER_CALLS, next),
          store: faulty(world.store, ["get", "putFile"], next),
          results: faulty(world.results, ["put"], next),
        };
        const { acknowledge } = faulty({ acknowledge: world.chunkDeps().acknowledge }, ["acknowledge"], next);
        let deliveriesSoFar = 0;
        const ignoreFaults = async (work: Promise<unknown>, aborted?: AbortSignal): Promise<void> => {
          try {
            await work;
          } catch (error) {
            if (!(error instanceof FaultError || error === aborted?.reason || (error as Error).name === "TransferError")) throw error;
          }
        };
        const deliver = ({ abortAfter, chunk: number, splitsPerGroup, stopAfter }: (typeof deliveries)[number]): Promise<void> => {
          const chunk = world.chunks[number % Math.max(1, world.chunks.length)];
          if (chunk === undefined) return Promise.resolve();
          let done = 0;
          const abort = new AbortController();
          const control = world.control({
            worker: `worker-${++deliveriesSoFar}`,
            stopCause: () => (done > stopAfter ? (stopAfter % 2 === 0 ? "drain" : "spot") : undefined),
            progressed: () => {
              done += 1;
              if (done > abortAfter) abort.abort(new Error("lease lost"));
            },
            signal: abort.signal,
          });
          return ignoreFaults(
            processChunk({ ...world.chunkDeps({ maximumSplits: splitsPerGroup }), ...common, acknowledge }, REF, chunk, control),
            abort.signal,
          );
        };
        // pairs run at the same time: leases end while their slots still work
        for (let at = 0; at < deliveries.length; at += 2) {
          if (at >= closeAt) await world.ledger.closeGeneration(REF, "cancelled");
          await Promise.all(deliveries.slice(at, at + 2).map(deliver));
        }
        const late = deliveries.slice(0, 2).map(deliver);
        for (let attempt = 0; attempt < 40; attempt += 1) await ignoreFaults(seal({ ...world.sealDeps(), ...common }, REF, "complete"));
        await Promise.all(late);
        const { files: counts } = await seal(world.sealDeps(), REF, "complete");
        const sealed = world.store.text(STATE, onlySealedKey(world.store, STATE, REF));
        await Promise.all(deliveries.slice(0, 3).map(deliver));
        const result = await reduce(world.reduceDeps(), REF);
        expect(world.store.text(STATE, onlySealedKey(world.store, STATE, REF))).toBe(sealed);

        const lines = world.store
          .text(STATE, resultsKey(REF))
          .split("\n")
          .filter(Boolean)
          .map((line) => fileResultSchema.parse(JSON.parse(line)));
        expect(lines.map(({ filename }) => filename)).toEqual(files.map(({ name }) => name));
        const processed = lines.filter(({ status }) => status === "processed");
        expect(counts).toMatchObject({ total: files.length, processed: processed.length, unfinished: files.length - processed.length });
        const texts = processed.map(({ filename }) => String(files.find(({ name }) => name === filename)?.body));
        const { distinctWords, totalWords, words } = referenceCount(texts);
        expect(totalOf(result.result)).toMatchObject({ totalWords, distinctWords, words });

        for (const { filename } of processed) expect(world.results.items.has(`${SOURCE}/in/${filename}`)).toBe(true);
        // a finished chunk whose acknowledgement was lost gets it from the redelivery of its message
        for (const chunk of world.chunks) await processChunk(world.chunkDeps(), REF, chunk, world.control());
        const named = new Set(world.acknowledged.flatMap((message) => ("filename" in message ? [message.filename] : [])));
        const whole = new Set(world.acknowledged.flatMap((message) => (message.type === "chunk-processed" ? [message.chunkIndex] : [])));
        const rows = await Promise.all(world.chunks.map(({ index }) => world.ledger.getChunk(REF, index)));
        const finished = rows.flatMap((row) => (row?.state === "finished" ? [row.index] : []));
        const perFile = acknowledgePer === "file";
        expect([...whole].sort((a, b) => a - b)).toEqual(perFile ? [] : finished);
        // per chunk, those of chunks that were closed before their end and of split files are named as well
        const names = processed.map(({ filename }) => filename);
        expect([...named].sort()).toEqual(perFile ? names : names.filter((name) => named.has(name)));
        const contents = new Map<string, string>();
        for (const message of world.acknowledged) {
          const text = JSON.stringify(message);
          expect(contents.get(message.messageId) ?? text).toBe(text);
          contents.set(message.messageId, text);
        }
      } finally {
        world.dispose();
      }
    }),
    { numRuns: 60 },
  );
});
