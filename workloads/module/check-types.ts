import { createRequire } from "node:module";
import path from "node:path";
import type * as TypeScript from "typescript";
import { codeOf } from "../../kit/folders/system-errors";
import { projectFolder } from "./bundle";
import type { Finding } from "./finding";

/** Told at a time; who mends these sees the next. */
const TOLD_PROBLEMS = 10;

/** Checks a module's types, if there is a compiler: the one beside the module, or else the one beside this program. */
export async function checkTypes(file: string): Promise<Finding[]> {
  const typescript = await compilerFor(file);
  if (typescript === undefined)
    return [{ level: "note", text: "types were not checked: `npm install typescript` beside it, then they are" }];
  const root = projectFolder();
  const program = typescript.createProgram([path.resolve(file)], {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    allowJs: true,
    target: typescript.ScriptTarget.ES2022,
    module: typescript.ModuleKind.Preserve,
    moduleResolution: typescript.ModuleResolutionKind.Bundler,
    paths: { "filemill/workload": [path.join(root, "workloads/module/authoring.ts")] },
    typeRoots: [path.join(path.dirname(path.resolve(file)), "node_modules/@types"), path.join(root, "node_modules/@types")],
    types: ["node"],
  });
  const problems = typescript.getPreEmitDiagnostics(program);
  return problems.slice(0, TOLD_PROBLEMS).map((problem) => ({ level: "error", text: textOf(typescript, problem) }));
}

function textOf(typescript: typeof TypeScript, { file, start, messageText }: TypeScript.Diagnostic): string {
  const text = typescript.flattenDiagnosticMessageText(messageText, " ");
  if (file === undefined || start === undefined) return text;
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return `${path.relative("", file.fileName)}:${line + 1}:${character + 1}: ${text}`;
}

async function compilerFor(file: string): Promise<typeof TypeScript | undefined> {
  for (const place of [path.resolve(file), path.join(projectFolder(), "package.json")]) {
    try {
      return (await Promise.resolve(createRequire(place)("typescript"))) as typeof TypeScript;
    } catch (error) {
      if (codeOf(error) !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return undefined;
}
