import { SYSTEMS } from "../../systems";
import { present } from "../../kit/lib/present";
import { roleNameOf } from "./permissions";
import type { SynthesizedStack } from "./synth";

/** Code of ours that runs in a role's name. */
export interface RoleProcess {
  /** Name of the role. */
  readonly role: string;
  /** Its program's first file, from the project's root. */
  readonly entryFile: string;
}

/** Every process of a system by its manifest: its functions, and what runs on its instances. */
export async function processesOf(system: string, stack: SynthesizedStack): Promise<RoleProcess[]> {
  const { functions, processes } = present(
    SYSTEMS.find(({ name }) => name === system),
    `the system ${system}`,
  );
  const lambdas = Object.values(stack.resource["aws_lambda_function"] ?? {});
  const profiles = Object.values(stack.resource["aws_iam_instance_profile"] ?? {});
  if (profiles.length !== processes.length)
    throw new Error(`${system} has ${profiles.length} instance profiles for ${processes.length} processes: whose is which?`);
  return [
    ...(await functions()).map((name) => {
      const zip = new RegExp(`/${name}\\.zip$`);
      const lambda = lambdas.find((body) => zip.test(String(body["filename"])));
      return { role: roleNameOf(stack, lambda?.["role"]), entryFile: `lambdas/${system}/${name}/handler.ts` };
    }),
    ...processes.map(({ program }, index) => ({
      role: roleNameOf(stack, profiles[index]?.["role"]),
      entryFile: program.replace(/\.js$/, ".ts"),
    })),
  ];
}
