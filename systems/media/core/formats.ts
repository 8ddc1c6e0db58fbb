import type { MediaType } from "../contracts/media-types";

/** How a file's first bytes show its format. */
export type Signature = (bytes: Uint8Array) => boolean;

/** A format that is recognised. */
export interface Format {
  readonly name: string;
  readonly type: MediaType;
  /** Small letters, without the dot. */
  readonly extensions: readonly string[];
  readonly contentTypes: readonly string[];
  /** Every file of the format begins so. @default none - only its name tells the format */
  readonly signature?: Signature;
  /** Others begin so, too: the signature counts only with one of the names. @default false */
  readonly isSignatureShared?: boolean;
}

/** As many bytes as the longest signature looks at: FBX's 21, rounded up. */
export const SIGNATURE_BYTES = 32;

const text = (bytes: Uint8Array, from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString("latin1");
const begins =
  (...beginnings: readonly string[]): Signature =>
  (bytes) =>
    beginnings.some((beginning) => text(bytes, 0, beginning.length) === beginning);
const riff =
  (form: string): Signature =>
  (bytes) =>
    text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 12) === form;
/** ISO base media files name their brand. https://www.iana.org/assignments/media-types and https://mp4ra.org/registered-types/brands */
const isoMedia =
  (isOurs: (brand: string) => boolean): Signature =>
  (bytes) =>
    text(bytes, 4, 8) === "ftyp" && isOurs(text(bytes, 8, 12));
const HEIF_BRANDS = ["heic", "heix", "heim", "heis", "hevc", "mif1", "msf1", "avif", "avis"];
const AUDIO_BRANDS = ["M4A ", "M4B ", "M4P "];

/** Every format, in the order in which signatures are tried. */
export const FORMATS: readonly Format[] = [
  { name: "pdf", type: "document", extensions: ["pdf"], contentTypes: ["application/pdf"], signature: begins("%PDF-") },
  { name: "rtf", type: "document", extensions: ["rtf"], contentTypes: ["application/rtf", "text/rtf"], signature: begins("{\\rtf") },
  {
    name: "docx",
    type: "document",
    extensions: ["docx"],
    contentTypes: ["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    signature: begins("PK\x03\x04"),
    isSignatureShared: true,
  },
  {
    name: "odt",
    type: "document",
    extensions: ["odt"],
    contentTypes: ["application/vnd.oasis.opendocument.text"],
    signature: begins("PK\x03\x04"),
    isSignatureShared: true,
  },
  { name: "text", type: "document", extensions: ["txt", "md"], contentTypes: ["text/plain", "text/markdown"] },
  { name: "png", type: "picture", extensions: ["png"], contentTypes: ["image/png"], signature: begins("\x89PNG\r\n\x1a\n") },
  { name: "jpeg", type: "picture", extensions: ["jpg", "jpeg"], contentTypes: ["image/jpeg"], signature: begins("\xff\xd8\xff") },
  { name: "gif", type: "picture", extensions: ["gif"], contentTypes: ["image/gif"], signature: begins("GIF87a", "GIF89a") },
  { name: "webp", type: "picture", extensions: ["webp"], contentTypes: ["image/webp"], signature: riff("WEBP") },
  {
    name: "tiff",
    type: "picture",
    extensions: ["tif", "tiff"],
    contentTypes: ["image/tiff"],
    signature: begins("II*\0", "MM\0*", "II+\0", "MM\0+"),
  },
  {
    name: "heif",
    type: "picture",
    extensions: ["heic", "heif", "avif"],
    contentTypes: ["image/heic", "image/heif", "image/avif"],
    signature: isoMedia((brand) => HEIF_BRANDS.includes(brand)),
  },
  {
    name: "mp4",
    type: "video",
    extensions: ["mp4", "m4v", "mov"],
    contentTypes: ["video/mp4", "video/quicktime"],
    signature: isoMedia((brand) => !HEIF_BRANDS.includes(brand) && !AUDIO_BRANDS.includes(brand)),
  },
  {
    name: "matroska",
    type: "video",
    extensions: ["mkv", "webm"],
    contentTypes: ["video/x-matroska", "video/webm"],
    signature: begins("\x1a\x45\xdf\xa3"),
  },
  { name: "avi", type: "video", extensions: ["avi"], contentTypes: ["video/x-msvideo", "video/avi"], signature: riff("AVI ") },
  { name: "glb", type: "3d", extensions: ["glb"], contentTypes: ["model/gltf-binary"], signature: begins("glTF") },
  { name: "fbx", type: "3d", extensions: ["fbx"], contentTypes: [], signature: begins("Kaydara FBX Binary  \0", "; FBX") },
  { name: "gltf", type: "3d", extensions: ["gltf"], contentTypes: ["model/gltf+json"] },
  { name: "obj", type: "3d", extensions: ["obj"], contentTypes: ["model/obj"] },
  { name: "stl", type: "3d", extensions: ["stl"], contentTypes: ["model/stl"] },
];
