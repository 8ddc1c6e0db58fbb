import { readdirSync } from "node:fs";
import path from "node:path";

/**
 * Imports point one way (docs/architecture.md). Top folders from the ground up: each may import those before it, and those of one layer
 * don't know each other, but for a system and its own functions and worker.
 */
const LAYERS = [["kit"], ["constructs", "workloads"], ["systems", "lambdas", "worker"], ["command", "main.ts"]];
const SYSTEMS = readdirSync(path.join(import.meta.dirname, "systems"), { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

const forbid = (target, ...from) => ({ target: `./${target}`, from: from.map((name) => `./${name}`) });
const within = (folder, part, ...names) => forbid(`${folder}/${part}`, ...names.map((name) => `${folder}/${name}`));

const layerZones = LAYERS.flatMap((folders, index) =>
  folders.map((folder) =>
    forbid(folder, ...LAYERS.slice(index + 1).flat(), ...(index === 1 ? folders.filter((each) => each !== folder) : [])),
  ),
);

/** What everything of the kit may use. */
const GROUND = ["lib", "ports", "folders"];
/** The evaluated stack file, under the local run and the simulator alike. */
const GRAPH = "graph";
/** Alarms as CloudWatch evaluates them: rules over numbers, which know no stack and no world. */
const ALARMS = "alarms";
/** Auto Scaling as it decides: rules over alarms and instances, which know no stack and no world. */
const SCALING = "scaling";
const kitZones = [
  ...GROUND.map((part) =>
    within("kit", part, GRAPH, ALARMS, SCALING, "aws", "cli", "config", "function", "local", "simulator", "synth", "system"),
  ),
  within("kit", SCALING, GRAPH, "aws", "cli", "config", "function", "local", "plan-review", "simulator", "synth", "system"),
  within("kit", ALARMS, GRAPH, SCALING, "aws", "cli", "config", "function", "local", "simulator", "synth", "system"),
  within("kit", GRAPH, ALARMS, "aws", "cli", "config", "function", "local", "simulator", "synth", "system"),
  within("kit", "aws", GRAPH, "cli", "config", "function", "local", "simulator", "synth", "system"),
  within("kit", "config", GRAPH, "aws", "cli", "function", "local", "simulator", "synth", "system"),
  within("kit", "synth", "cli", "function", "local", "simulator", "system"),
  within("kit", "local", "cli", "config", "function", "simulator", "synth", "system"),
  within("kit", "simulator", "aws", "cli", "config", "function", "local", "synth", "system"),
  within("kit", "plan-review", "aws", "cli", "config", "function", GRAPH, "local", "simulator", "synth", "system"),
  within("kit", "cli", "system"),
];

/** A system's rules know neither where it runs nor how it is deployed. */
const systemZones = (system) => {
  const folder = `systems/${system}`;
  return [
    forbid(folder, ...SYSTEMS.filter((other) => other !== system).flatMap((other) => [`systems/${other}`, `lambdas/${other}`])),
    within(folder, "contracts", "aws", "cli", "config", "core", "ports", "simulation", "stack"),
    within(folder, "ports", "aws", "cli", "config", "core", "simulation", "stack"),
    within(folder, "core", "aws", "cli", "config", "simulation", "stack"),
    forbid(`${folder}/core`, "kit/aws", "kit/cli", "kit/local", "kit/simulator", "constructs", "lambdas", "worker"),
    within(folder, "aws", "cli", "config", "simulation", "stack"),
    within(folder, "config", "aws", "cli", "simulation", "stack"),
    within(folder, "cli", "config", "simulation", "stack"),
    {
      // but those that are made of several
      target: `./${folder}/cli/verbs/!(drill|local|quarantine|workload).ts`,
      from: `./${folder}/cli/verbs/*.ts`,
      message: "what two verbs need is in cli/run",
    },
    forbid(`${folder}/cli`, "constructs", "lambdas", "worker"),
    within(folder, "simulation", "aws", "cli", "config", "stack"),
    forbid(`${folder}/simulation`, "kit/aws", "kit/local", "constructs", "worker/main.ts"),
    { target: `./${folder}/simulation`, from: ["./lambdas/**/handler.ts", "./lambdas/**/aws-*.ts"] },
    within(folder, "stack", "aws", "cli", "simulation"),
    { ...within(folder, "stack", "core"), message: "a stack shares contracts and configuration with the code, not its rules" },
    {
      target: `./${folder}/stack`,
      from: ["./lambdas/**/!(function|functions).ts", "./worker/**/!(env).ts"],
      message: "a stack imports a function's description and the worker's env.ts only",
    },
    {
      target: [`./lambdas/${system}/*/function.ts`, `./lambdas/${system}/uses.ts`],
      from: [
        "./kit/aws/**",
        "./kit/function/aws-handler.*",
        `./${folder}/aws/**`,
        `./lambdas/${system}/aws-*.ts`,
        "./lambdas/**/handler.ts",
      ],
      message: "a function's description knows no world: adapters are the handler's",
    },
    ...[`lambdas/${system}`, "worker"].map((process) =>
      forbid(
        process,
        ...["cli", "config", "simulation", "stack", "system.ts"].map((part) => `${folder}/${part}`),
        ...["kit/cli", "kit/local", "kit/simulator", "constructs"],
      ),
    ),
  ];
};

export const zones = [...layerZones, ...kitZones, ...SYSTEMS.flatMap(systemZones)].filter(({ from }) => from.length > 0);
