import { copyFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { z } from "zod";

/** Of a synthesized stack, the parts that a deployment of other code changes. */
const stackSchema = z.looseObject({
  resource: z.looseObject({
    aws_lambda_function: z.record(z.string(), z.looseObject({ filename: z.string() })).default({}),
    aws_s3_object: z.record(z.string(), z.looseObject({ source: z.string().optional() })).default({}),
    aws_sfn_state_machine: z.record(z.string(), z.looseObject({ definition: z.string() })).default({}),
  }),
});
const definitionSchema = z.looseObject({ Comment: z.string().optional() });

const MARK = "second version";
const remark = `\n// ${MARK}\n`;

/**
 * Turns a synthesized stack into another version of itself, as if its code had changed: the code of functions, the definition of machines
 * and uploaded archives have other bytes, so all that follows from their hashes (the workers' version, user data) is another one.
 *
 * @param stackFile cdk.tf.json; its folder is the caller's to change
 */
export async function makeSecondVersion(stackFile: string): Promise<void> {
  const folder = path.dirname(stackFile);
  let text = await readFile(stackFile, "utf8");
  const { resource } = stackSchema.parse(JSON.parse(text));
  for (const { filename } of Object.values(resource.aws_lambda_function)) await changeCode(path.resolve(folder, filename));
  for (const [name, { source }] of Object.entries(resource.aws_s3_object)) {
    if (source === undefined) continue;
    const changed = `${name}-${path.basename(source)}`;
    await changeArchive(path.resolve(folder, source), path.join(folder, changed));
    // its hash is asked for by the same name
    text = text.replaceAll(source, changed);
  }
  for (const { definition } of Object.values(resource.aws_sfn_state_machine)) {
    const { Comment = "", ...rest } = definitionSchema.parse(JSON.parse(definition));
    text = text.replace(JSON.stringify(definition), JSON.stringify(JSON.stringify({ Comment: `${Comment} (${MARK})`, ...rest })));
  }
  await writeFile(stackFile, text);
}

/** A function's archive holds JavaScript; what it does stays. */
async function changeCode(archive: string): Promise<void> {
  const files = unzipSync(await readFile(archive));
  const changed = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, name.endsWith(".js") ? strToU8(strFromU8(bytes) + remark) : bytes]),
  );
  await writeFile(archive, zipSync(changed));
}

/** One more, empty member: other bytes that unpack to the same. https://datatracker.ietf.org/doc/html/rfc1952#page-5 */
async function changeArchive(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await writeFile(to, gzipSync(""), { flag: "a" });
}

/** A program of other bytes that does the same. @returns its path */
export async function makeSecondProgram(file: string, folder: string): Promise<string> {
  const changed = path.join(folder, `second-${path.basename(file)}`);
  await writeFile(changed, (await readFile(file, "utf8")) + remark);
  return changed;
}
