import { existsSync } from "node:fs";
import path from "node:path";
import { LAMBDA_NAMES } from "../core/contracts/names";

/** What a stack deploys has not been built. */
export class BuildMissingError extends Error {
  public override readonly name = "BuildMissingError";
  public constructor(buildDirectory: string, missing: readonly string[]) {
    super(
      `not built: ${missing.map((name) => path.join(buildDirectory, name)).join(", ")}\nrun \`npm run build\` first (\`npm run synth\` does)`,
    );
  }
}

/** @throws BuildMissingError naming every Lambda's zip that is not there */
export function checkBuild(buildDirectory: string): void {
  const missing = LAMBDA_NAMES.map((name) => path.join("lambdas", `${name}.zip`)).filter(
    (name) => !existsSync(path.join(buildDirectory, name)),
  );
  if (missing.length > 0) throw new BuildMissingError(buildDirectory, missing);
}
