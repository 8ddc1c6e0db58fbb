/** What an upload can be (requirement X26). */
export const MEDIA_TYPES = ["document", "picture", "3d", "video"] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** What may be asked for an upload of each type, the default first (requirement S4.9). */
export const PROCESSING_OPTIONS = {
  document: ["text-extraction", "classification", "semantic-analysis"],
  picture: ["recognition", "resize", "convert-format"],
  "3d": ["rendering", "simulation", "render-optimization"],
  video: ["transcode", "extract-key-frame", "generate-caption"],
} as const satisfies Readonly<Record<MediaType, readonly [string, ...string[]]>>;

/**
 * User metadata of an uploaded object with the action that is asked for: `x-amz-meta-processingOption`. S3 keeps names of user metadata in
 * small letters. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export const PROCESSING_OPTION_METADATA = "processingoption";

/** Where an upload's message goes: the queue of its type, or that of what can't be processed. */
export const ROUTES = [...MEDIA_TYPES, "unknown"] as const;
export type Route = (typeof ROUTES)[number];
