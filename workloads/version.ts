/** Hashes of the workloads' bundles, which the build puts here (scripts/build/workload-versions.mjs). */
declare const WORKLOAD_VERSIONS: Readonly<Record<string, string>> | undefined;

/** Of code that was not built, as in tests. */
const UNBUILT = "unbuilt";

/** Version of a workload that ships: a hash of its code, so that another code never passes for it. */
export const versionOf = (name: string): string =>
  typeof WORKLOAD_VERSIONS === "undefined" ? UNBUILT : (WORKLOAD_VERSIONS[name] ?? UNBUILT);
