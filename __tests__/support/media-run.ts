import { setTimeout as pause } from "node:timers/promises";
import { forEachConcurrently } from "../../kit/lib/for-each-concurrently";
import { ROUTES } from "../../systems/media/contracts/media-types";
import { mediaObjects } from "../../systems/media/simulation/media-objects";
import type { MediaUpStack, Uploaded } from "./media-stack";

/** Uploads at a time. */
const UPLOADS_AT_A_TIME = 8;
/** Between two looks at the table: each is a scan. */
const LOOK_MILLISECONDS = 250;

/**
 * Uploads objects, every tenth under its key twice and every fiftieth by parts, tells every seventh event again, and looks whether each
 * upload has its row and is in one queue's history once.
 */
export async function expectEachUploadOnce(stack: MediaUpStack, count: number): Promise<void> {
  const uploads: Uploaded[] = [];
  await forEachConcurrently([...mediaObjects(count).entries()], UPLOADS_AT_A_TIME, async ([index, object]) => {
    if (index % 50 === 3) {
      uploads.push(
        await stack.uploadByParts(object, async () => {
          expect((await stack.rows()).filter(({ key }) => key === object.key)).toEqual([]);
        }),
      );
      return;
    }
    uploads.push(await stack.upload(object));
    if (index % 10 === 0) uploads.push(await stack.upload(object));
  });
  expect(uploads.length).toBeGreaterThan(count);

  for (;;) {
    const sent = (await stack.rows()).filter(({ state }) => state === "sent");
    if (sent.length >= uploads.length) break;
    await pause(LOOK_MILLISECONDS);
  }
  const again = uploads.filter((_, index) => index % 7 === 0);
  for (const upload of again) expect(await stack.tellAgain(upload)).toBeUndefined();

  const identity = ({ key, versionId }: { key: string; versionId: string }): string => JSON.stringify([key, versionId]);
  const byIdentity = new Map(uploads.map((upload) => [identity({ key: upload.object.key, versionId: upload.versionId }), upload]));
  const rows = await stack.rows();
  expect(rows.map(identity).sort()).toEqual([...byIdentity.keys()].sort());
  for (const row of rows) {
    const { object, etag, bytes } = byIdentity.get(identity(row)) ?? {};
    expect({ ...row, processingOption: row.processingOption }).toMatchObject({ ...object?.expected, etag, size: bytes, state: "sent" });
    // what nobody can process says why, and nothing else does
    expect(row.problem !== undefined).toBe(row.route === "unknown");
  }
  const messages = await stack.messages();
  for (const route of ROUTES) {
    const expected = uploads.filter(({ object }) => object.expected.route === route);
    expect(expected.length).toBeGreaterThan(0);
    expect(messages[route].map(identity).sort()).toEqual(
      expected.map(({ object, versionId }) => identity({ key: object.key, versionId })).sort(),
    );
  }
  expect(await stack.failedEvents()).toEqual([]);
}
