import { z } from "zod";
import { chooseTarget } from "../../../kit/cli/choose-target";
import { printJson } from "../../../kit/cli/json";
import { stackOutputsOption } from "../../../kit/cli/options";
import type { AddVerb } from "../../../kit/cli/system-command";
import { defineConfiguration } from "../../../kit/config/configuration";
import { deployedAs, deploymentShape, deploymentVariables } from "../../../kit/config/deployment";
import { environmentVariable } from "../../../kit/config/variables";
import { defineSystem } from "../../../kit/system/system";

const NAMES = ["local", "dev"] as const;
const schema = z.strictObject({ name: z.enum(NAMES), ...deploymentShape });
export type TinyConfig = z.output<typeof schema>;
export const tinyOutputsSchema = z.object({ bucket: z.string(), queue_url: z.string(), function_name: z.string() });
export type TinyOutputs = z.output<typeof tinyOutputsSchema>;

/** A system with a bucket, a queue and a Lambda: no more of one than a manifest asks for. */
export function tinySystem(name: string) {
  const dev = {
    name: "dev",
    region: "us-east-1",
    namePrefix: `${name}-`,
    bucketPrefix: name,
    owner: "dev",
    backend: { kind: "local" },
  } satisfies z.input<typeof schema>;
  const outputs = tinyOutputsSchema;
  const addOutputs: AddVerb = (parent, context) => {
    parent
      .command(`${name}-outputs`)
      .addOption(stackOutputsOption())
      .action(async ({ stackOutputs }: { readonly stackOutputs?: string }) => {
        printJson(context.terminal, (await chooseTarget(context, { name, outputs }, stackOutputs, {})).outputs);
      });
  };
  return defineSystem({
    name,
    description: "a bucket, a queue and a function",
    environments: NAMES,
    configuration: () =>
      Promise.resolve(
        defineConfiguration({
          environments: { dev, local: { ...dev, name: "local", owner: "local" } },
          localDifferences: { name: "its own stack", owner: "names that show what they are" },
          schema,
          variables: z.object({ FILEMILL_ENVIRONMENT: environmentVariable(NAMES).default("dev"), ...deploymentVariables }),
          apply: (base: TinyConfig, given): TinyConfig => ({ ...base, ...deployedAs(name, base, given) }),
          folder: "__tests__/support/tiny-system",
        }),
      ),
    functions: () => Promise.resolve(["greet"]),
    outputs: () => Promise.resolve(outputs),
    stack: async () => (await import("./stack")).tinyStack(name),
    processes: [],
    command: () =>
      Promise.resolve({
        groups: [
          [
            `${name}:`,
            [{ term: `${name}-outputs [options]`, description: "print the outputs of the stack", load: () => Promise.resolve(addOutputs) }],
          ] as const,
        ],
        local: { verbs: () => Promise.resolve([]), examples: [] },
        examples: [],
        exits: { "": { done: "done" }, [`${name}-outputs`]: { done: "they are told" } },
        usageErrors: () => Promise.resolve([]),
      }),
  });
}

export const TINY_SYSTEMS = [tinySystem("tiny"), tinySystem("twin")];
