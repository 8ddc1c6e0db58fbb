import { Random } from "../../../kit/simulator/kernel/random";
import { PROCESSING_OPTIONS, type MediaType, type Route } from "../contracts/media-types";

/** An object to upload, and what must become of it. */
export interface MediaObject {
  readonly key: string;
  readonly contentType: string | undefined;
  /** User metadata, as a user writes it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly expected: { readonly route: Route; readonly type?: MediaType; readonly processingOption?: string };
}

/** Beginnings of files, written by hand from the formats' definitions, not from the code that recognises them. */
const SAMPLES: Readonly<Record<MediaType, readonly (readonly [extension: string, contentType: string, beginning: Buffer])[]>> = {
  picture: [
    ["png", "image/png", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")],
    ["JPG", "image/jpeg", Buffer.from("ffd8ffe000104a464946", "hex")],
    ["gif", "image/gif", Buffer.from("474946383961", "hex")],
    ["webp", "image/webp", Buffer.from("524946460000000057454250", "hex")],
    ["tiff", "image/tiff", Buffer.from("49492a0008000000", "hex")],
  ],
  document: [
    ["pdf", "application/pdf", Buffer.from("255044462d312e37", "hex")],
    ["txt", "text/plain; charset=utf-8", Buffer.from("Plain words.")],
  ],
  video: [
    ["mp4", "video/mp4", Buffer.from("000000206674797069736f6d00000200", "hex")],
    ["mov", "video/quicktime", Buffer.from("000000146674797071742020", "hex")],
    ["webm", "video/webm", Buffer.from("1a45dfa39f428681", "hex")],
    ["avi", "video/x-msvideo", Buffer.from("524946460000000041564920", "hex")],
  ],
  "3d": [
    ["glb", "model/gltf-binary", Buffer.from("676c544602000000", "hex")],
    ["obj", "model/obj", Buffer.from("v 0.0 0.0 0.0\n")],
    ["fbx", "application/octet-stream", Buffer.from("Kaydara FBX Binary  \0\x1a\0", "latin1")],
  ],
};
/** Percent of each type (D.5). */
const MIX = [
  ["picture", 40],
  ["document", 30],
  ["video", 20],
  ["3d", 10],
] as const satisfies readonly (readonly [MediaType, number])[];
const MAXIMUM_FILLING_BYTES = 400;

/**
 * D.5 with small sizes: the mix of types, some without an option, some named wrongly, of each hundred one that nobody knows and one with an
 * option of another type.
 */
export function mediaObjects(count: number, random = new Random(1)): MediaObject[] {
  return Array.from({ length: count }, (_, index): MediaObject => {
    const filling = Buffer.alloc(1 + random.int(0, MAXIMUM_FILLING_BYTES - 1), "x");
    const name = `uploads/${String(index).padStart(4, "0")} é+`;
    if (index % 100 === 7)
      return { key: `${name}.bin`, contentType: undefined, metadata: {}, bytes: filling, expected: { route: "unknown" } };
    let left = 100 * random.fraction();
    const type = MIX.find(([, percent]) => (left -= percent) < 0)?.[0] ?? "picture";
    const [extension, contentType, beginning] = random.pick(SAMPLES[type]);
    const key = `${name}.${extension}`;
    const bytes = Buffer.concat([beginning, filling]);
    if (index % 100 === 11)
      return { key, contentType, metadata: { processingOption: "paint" }, bytes, expected: { route: "unknown", type } };
    if (random.chance(0.2))
      return { key, contentType, metadata: {}, bytes, expected: { route: type, type, processingOption: DEFAULTS[type] } };
    const processingOption = random.pick<string>(PROCESSING_OPTIONS[type]);
    return { key, contentType, metadata: { processingOption }, bytes, expected: { route: type, type, processingOption } };
  });
}

const DEFAULTS = { document: "text-extraction", picture: "recognition", "3d": "rendering", video: "transcode" } as const;
