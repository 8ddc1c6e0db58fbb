import type { EnvironmentInput } from "./schema";

/** The account of the development environment, complete. */
export const dev = {
  name: "dev",
  region: "us-east-1",
  namePrefix: "",
  bucketPrefix: "filemill",
  owner: "dev",
  backend: { kind: "local" },
  // a quarter: long enough to find out that a state was wrong
  noncurrentVersionDays: 90,
  // nobody's, until FILEMILL_REPOSITORY says whose
  ci: { host: "github", repository: "-/-", branch: "main" },
  deployedEnvironments: ["dev"],
  // bucket names, those of batch and those of media
  deployedPrefixes: ["filemill-", "wordfreq", "media-"],
} satisfies EnvironmentInput;
