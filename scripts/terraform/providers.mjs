import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Names a folder in the layout of a filesystem mirror: `<folder>/registry.terraform.io/hashicorp/aws/<version>/<system>_<architecture>`.
 */
export const MIRROR_VARIABLE = "FILEMILL_TERRAFORM_PROVIDERS";
/** The oldest AWS provider that knows everything the stack uses, but for what differences.mjs lists. */
export const OLDEST_PROVIDER = "5.100.0";
const AWS = path.join("registry.terraform.io", "hashicorp", "aws");

/** Compares two versions of three numbers. @returns {number} below 0 when `one` is the older */
export const compareVersions = (one, other) => one.localeCompare(other, "en", { numeric: true });

/**
 * Where mirrors lie: what the variable names; else Terraform's own places, and folders of /opt, where software beside the
 * distribution's is put.
 *
 * @see https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
 */
async function mirrorFolders(environment) {
  const named = environment[MIRROR_VARIABLE];
  if (named !== undefined && named !== "") return [path.resolve(named)];
  const data = (environment.XDG_DATA_DIRS ?? "/usr/local/share:/usr/share")
    .split(":")
    .map((folder) => path.join(folder, "terraform", "plugins"));
  const optional = existsSync("/opt") ? (await readdir("/opt")).map((name) => path.join("/opt", name)) : [];
  const own = [".terraform.d/plugins", ".local/share/terraform/plugins"].map((folder) => path.join(homedir(), folder));
  const cache = environment.TF_PLUGIN_CACHE_DIR;
  return [...(cache === undefined || cache === "" ? [] : [cache]), ...own, ...data, ...optional];
}

const systemName = async () => {
  const { stdout } = await run("terraform", ["version", "-json"]);
  return JSON.parse(stdout).platform;
};

/**
 * Finds Terraform on the PATH and the newest AWS provider that is not too old.
 *
 * @returns {Promise<{ mirror: string, version: string } | { missing: string }>}
 */
export async function findTerraform(environment) {
  let system;
  try {
    system = await systemName();
  } catch (error) {
    if (error.code === "ENOENT") return { missing: "there is no terraform on the PATH" };
    throw error;
  }
  const found = [];
  for (const mirror of await mirrorFolders(environment)) {
    const folder = path.join(mirror, AWS);
    if (!existsSync(folder)) continue;
    for (const version of await readdir(folder)) {
      if (!existsSync(path.join(folder, version, system)) || compareVersions(version, OLDEST_PROVIDER) < 0) continue;
      found.push({ mirror, version });
    }
  }
  const newest = found.sort((one, other) => compareVersions(one.version, other.version)).at(-1);
  return newest ?? { missing: `no AWS provider from ${OLDEST_PROVIDER} on was found; ${MIRROR_VARIABLE} can name a filesystem mirror` };
}
