import fc from "fast-check";
import { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";
import { PROCESSING_OPTIONS, ROUTES, type Route } from "../../../../systems/media/contracts/media-types";
import { CLAIM_SECONDS, takeUpload, type TakeUploadDeps } from "../../../../systems/media/core/take-upload";
import { mediaObjects, type MediaObject } from "../../../../systems/media/simulation/media-objects";

/** A world of calls that fail, before or after they are carried out, as the list says. */
class World {
  public readonly sent: { readonly route: Route; readonly body: string }[] = [];
  public readonly uploads = new MemoryRowStore();
  private now = 0;
  private claims = 0;

  public constructor(
    private readonly objects: readonly MediaObject[],
    private readonly faults: ("none" | "before" | "after")[],
  ) {}

  public async deliver(index: number): Promise<void> {
    const { key, bytes } = this.object(index);
    // Lambda waits a minute before an attempt: every claim of a dead one is over
    this.now += (CLAIM_SECONDS + 1) * 1_000;
    await takeUpload(this.deps(), {
      source: "aws.s3",
      "detail-type": "Object Created",
      time: "2026-01-01T00:00:00Z",
      detail: { bucket: { name: "input" }, object: { key, size: bytes.length, etag: "e", "version-id": `v${index}` } },
    });
  }

  private object(index: number): MediaObject {
    const object = this.objects[index];
    if (object === undefined) throw new Error(`there is no object ${index}`);
    return object;
  }

  private deps(): TakeUploadDeps {
    const { uploads } = this;
    const faulty = async <T>(call: () => Promise<T>): Promise<T> => {
      const fault = this.faults.shift() ?? "none";
      if (fault === "before") throw new Error("the call failed");
      const result = await call();
      if (fault === "after") throw new Error("the reply was lost");
      return result;
    };
    const queue = (route: Route) => ({
      send: (bodies: readonly string[]) =>
        faulty(() => {
          this.sent.push(...bodies.map((body) => ({ route, body })));
          return Promise.resolve();
        }),
    });
    return {
      uploads: Object.assign(Object.create(uploads) as MemoryRowStore, {
        update: (...given: Parameters<MemoryRowStore["update"]>) => faulty(() => uploads.update(...given)),
        get: (...given: Parameters<MemoryRowStore["get"]>) => faulty(() => uploads.get(...given)),
      }),
      queues: Object.fromEntries(ROUTES.map((route) => [route, queue(route)])) as TakeUploadDeps["queues"],
      reader: {
        look: ({ versionId }, limit) => {
          const { contentType, metadata, bytes } = this.object(Number(versionId.slice(1)));
          return Promise.resolve({
            ...(contentType === undefined ? {} : { contentType }),
            metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value])),
            firstBytes: bytes.subarray(0, limit),
          });
        },
      },
      newClaim: () => `claim-${(this.claims += 1)}`,
      clock: { now: () => this.now, monotonic: () => this.now, sleep: () => Promise.resolve() },
      log: () => undefined,
    };
  }
}

test("twelve actions, three of each type (S4.9)", () => {
  expect(Object.values(PROCESSING_OPTIONS).flat()).toHaveLength(12);
});

test("each upload has one row and is in one queue's history, whatever comes twice, in another order, or fails (S4.7, S4.22, invariant 3)", async () => {
  const objects = mediaObjects(12);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: objects.length - 1 }), { maxLength: 30 }),
      fc.array(fc.constantFrom("none" as const, "none" as const, "before" as const, "after" as const), { maxLength: 60 }),
      async (order, faults) => {
        const world = new World(objects, [...faults]);
        for (const index of order) await world.deliver(index).catch(() => undefined);
        // what failed is tried again until nothing fails any more
        const all = objects.map((_, index) => index);
        for (let round = 0; round < faults.length + 1; round += 1)
          for (const index of all) await world.deliver(index).catch(() => undefined);
        for (const [index, { key, expected }] of objects.entries()) {
          const mine = world.sent.filter(({ body }) => (JSON.parse(body) as { key: string }).key === key);
          expect(new Set(mine.map(({ body }) => body)).size).toBe(1);
          expect(new Set(mine.map(({ route }) => route))).toEqual(new Set([expected.route]));
          const { type, processingOption, route } = expected;
          expect(await world.uploads.get({ pk: `input/${key}`, sk: `v${index}` })).toMatchObject({
            state: "sent",
            route,
            ...(type === undefined ? {} : { type }),
            ...(processingOption === undefined ? {} : { processingOption }),
          });
        }
        // a second copy is sent for a fault only
        expect(world.sent.length).toBeLessThanOrEqual(objects.length + faults.filter((fault) => fault !== "none").length);
      },
    ),
    { numRuns: 60 },
  );
});
