import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { PROJECT } from "./project";

/**
 * A `terraform` for the PATH that knows a state of outputs only. Its `destroy` deletes the buckets that they name, which S3 refuses for one
 * that holds anything.
 */
export class FakeTerraform {
  private constructor(private readonly folder: string) {}

  /** @param outputs what `terraform output -json` prints */
  public static async make(folder: string, outputs: object): Promise<FakeTerraform> {
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "outputs.json"), JSON.stringify(outputs));
    await writeFile(path.join(folder, "terraform"), PROGRAM, { mode: 0o755 });
    return new FakeTerraform(folder);
  }

  /** For the environment of whoever is to find it. */
  public get searchPath(): string {
    return `${this.folder}${path.delimiter}${process.env["PATH"] ?? ""}`;
  }

  /** How it was called, in order: the folder, then the arguments. */
  public async calls(): Promise<string[]> {
    return (await readFile(path.join(this.folder, "calls"), "utf8")).trim().split("\n");
  }
}

const PROGRAM = `#!${process.execPath}
const { appendFileSync, existsSync, readFileSync } = require("node:fs");
const path = require("node:path");
const { DeleteBucketCommand, S3Client } = require(${JSON.stringify(path.join(PROJECT, "node_modules/@aws-sdk/client-s3"))});
const outputs = readFileSync(path.join(__dirname, "outputs.json"), "utf8");
async function main(command) {
  appendFileSync(path.join(__dirname, "calls"), path.basename(process.cwd()) + " " + process.argv.slice(2).join(" ") + "\\n");
  if (!existsSync("cdk.tf.json")) throw new Error("no stack in " + process.cwd());
  if (command === "output") process.stdout.write(outputs);
  if (command !== "destroy") return;
  const s3 = new S3Client({});
  const known = JSON.parse(outputs);
  for (const name of ["uploading_bucket", "processing_bucket", "state_bucket"])
    await s3.send(new DeleteBucketCommand({ Bucket: known[name].value }));
  process.stdout.write("Destroy complete!\\n");
}
main(process.argv[2]).catch((error) => {
  process.stderr.write("Error: " + error.name + ": " + error.message + "\\n");
  process.exitCode = 1;
});
`;
