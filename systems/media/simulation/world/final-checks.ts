import { uploadMessageSchema, uploadRowSchema } from "../../contracts/upload";
import type { SimUpload } from "./facts";
import type { MediaWorld } from "./media-world";

/** Invariant 15: each upload has its row and its message, as they must be, and nothing else has any. */
export async function checkEnd(world: MediaWorld): Promise<void> {
  const { facts } = world;
  for (const versionId of facts.rows)
    if (!facts.uploads.has(versionId)) facts.violate(`there is a row of ${versionId}, which nobody uploaded`);
  for (const upload of facts.uploads.values()) await checkUpload(world, upload);
}

async function checkUpload({ deployed, facts, rows }: MediaWorld, { object, versionId }: SimUpload): Promise<void> {
  const { key, expected, bytes } = object;
  const row = await rows.get({ pk: `${deployed.inputBucket}/${key}`, sk: versionId });
  if (row === undefined) {
    facts.violate(`${key} (${versionId}) has no row`);
    return;
  }
  const { route, state, ...said } = uploadRowSchema.parse(row);
  const copies = facts.copies.get(versionId) ?? [];
  const [message] = copies.map(({ body }) => uploadMessageSchema.parse(JSON.parse(body)));
  if (state !== "sent") facts.violate(`the row of ${key} (${versionId}) says '${state}'`);
  if (copies.length === 0) facts.violate(`no queue was told of ${key} (${versionId})`);
  for (const each of [said, ...(message === undefined ? [] : [message])]) {
    const wrong = (
      [
        ["type", expected.type],
        ["processingOption", expected.processingOption],
        ["size", bytes.length],
        ["etag", `etag-${versionId}`],
        ["versionId", versionId],
        ["key", key],
      ] as const
    ).filter(([name, value]) => each[name] !== value && !(name === "processingOption" && expected.route === "unknown"));
    for (const [name, value] of wrong) facts.violate(`${name} of ${key} (${versionId}) is ${String(each[name])}, not ${String(value)}`);
  }
  const routes = new Set([route, ...copies.map((copy) => copy.route)]);
  if (routes.size > 1 || !routes.has(expected.route))
    facts.violate(`${key} (${versionId}) went to ${[...routes].join(" and ")}, not to ${expected.route}`);
}
