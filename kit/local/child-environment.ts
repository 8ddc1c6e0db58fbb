import path from "node:path";

/**
 * The environment of every process of a local stack before its own variables: nothing of the user's, no AWS settings, no home folder
 * with a `.aws` in it, no `NODE_OPTIONS` or `PYTHON*`. Lambdas inherit the emulator's.
 *
 * @param folder the process's own: temporary files go there, and it is its home
 * @param nodeFile comes first on the PATH: Lambdas are started as `node`
 */
export const childEnvironment = (folder: string, nodeFile: string = process.execPath): Record<string, string> => ({
  PATH: [path.dirname(nodeFile), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
  HOME: folder,
  TMPDIR: folder,
  LANG: "C.UTF-8",
  // credentials come from variables and from the loopback server: nothing is to look for an instance's
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
});
