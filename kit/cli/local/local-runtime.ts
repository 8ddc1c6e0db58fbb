import type { AwsEnvironment, FleetOrder, LocalStackOptions, Redeployment, ScalingView, SystemOutputs } from "../../local";

export interface StartOptions {
  /** cdk.tf.json of each system's environment `local`, by the system's name. */
  readonly stackFiles: Readonly<Record<string, string>>;
  /** How many processes of a name the systems have. */
  readonly processes: Readonly<Record<string, number>>;
  readonly port?: number;
  /** As in LocalStackOptions. */
  readonly sizing?: NonNullable<LocalStackOptions["sizing"]>;
  /** As in LocalStackOptions. */
  readonly timeFactor?: number;
  /** The Node of Lambdas and workers. @default the one that runs this command */
  readonly nodeFile?: string;
  /** Programs by the processes' name. @default those of the project's dist/ */
  readonly programFiles?: Readonly<Record<string, string>>;
  /** true: `redeploy` may be called. @default false */
  readonly redeployable?: boolean;
  readonly onStage: (stage: string) => void;
  readonly signal: AbortSignal;
}

/** Another version of a stack's systems. */
export interface NextVersion extends Pick<StartOptions, "stackFiles" | "programFiles" | "signal"> {
  /** How long a worker may take for what it has in hand, in milliseconds, before it is killed. */
  readonly patienceMs: number;
}

/** Why a local stack can't go on: the emulator or a worker is gone, or a permission is missing. */
export interface LocalFailure {
  /** Cause and value. */
  readonly message: string;
  readonly fix: string;
}

/** A local stack of this process. */
export interface RunningStack {
  readonly endpoint: string;
  /** By the system's name. */
  readonly outputs: SystemOutputs;
  readonly environment: AwsEnvironment;
  /** Never rejects; never settles while all is well. */
  readonly failed: Promise<LocalFailure>;
  /** The first failure seen so far: a denied call may come after the last result. */
  readonly failure: () => LocalFailure | undefined;
  /** Brings it to another version while it works, once: first its resources, then its workers, one after the other. */
  readonly redeploy: (next: NextVersion) => Promise<Redeployment>;
  /** Idempotent; nothing of the stack is left afterwards. */
  readonly stop: () => Promise<void>;
}

/** What is synthesized in place of the environment `local`. */
export interface SynthesizedAs {
  readonly environmentName: string;
  /** Variables of its configuration (`FILEMILL_*`). */
  readonly variables: Readonly<Record<string, string>>;
}

/** The right to start the background stack: one process at a time has it. */
export interface BackgroundClaim {
  readonly start: (options: StartOptions) => Promise<BackgroundStack>;
  /** Gives it up; a stack that was started keeps it. */
  readonly release: () => Promise<void>;
}

/** The local stack that `filemill local up` left running. */
export interface BackgroundStack {
  readonly endpoint: string;
  /** By the system's name. */
  readonly outputs: SystemOutputs;
  readonly environment: AwsEnvironment;
  readonly pid: number;
  readonly processes: Readonly<Record<string, number>>;
  /** Seconds of policies in a second. @default 1 */
  readonly timeFactor?: number | undefined;
  /** ISO 8601. */
  readonly startedAt: string;
  /** What went wrong since, if anything. */
  readonly failure?: string | undefined;
}

/** The embedded run, as far as the command needs it; kit/local behind it. */
export interface LocalRuntime {
  /** `.filemill` in the project, or what FILEMILL_HOME names. @throws HomeRefusedError when that names nothing */
  readonly homeDirectory: () => string;
  /** Makes the home if it is not there. @returns its path @throws HomeRefusedError, HomeUnusableError */
  readonly prepareHome: () => Promise<string>;
  /** Bytes that are free for this user on the disk of the home, where a stack keeps its objects. */
  readonly freeBytes: () => Promise<number>;
  /**
   * Runs `work` with a folder of its own below the home. It is gone afterwards; if the command is killed, the next one removes it.
   *
   * @param say told what earlier commands left and can't be removed
   */
  readonly withRunFolder: <T>(say: (line: string) => void, work: (folder: string) => Promise<T>) => Promise<T>;
  /** Gets the Node that instances run, pinned by its hash, unless it is there. @returns path of the executable @throws RunFailedError */
  readonly pinnedNode: (signal: AbortSignal) => Promise<string>;
  /**
   * Synthesizes systems.
   *
   * @param projectDirectory of another, built checkout. @default this project
   * @param as another environment. @default `local`
   * @returns path of each one's cdk.tf.json, by its name
   */
  readonly synthesize: (
    systems: readonly string[],
    outputDirectory: string,
    signal: AbortSignal,
    projectDirectory?: string,
    as?: SynthesizedAs,
  ) => Promise<Readonly<Record<string, string>>>;
  readonly start: (options: StartOptions) => Promise<RunningStack>;
  /** @throws AlreadyUpError when a stack is up, or another process starts one */
  readonly claimBackground: (say: (line: string) => void) => Promise<BackgroundClaim>;
  readonly findBackground: () => Promise<BackgroundStack | undefined>;
  /** What is wrong with the stack that is up, in a sentence. */
  readonly findTrouble: () => Promise<string | undefined>;
  /** What Auto Scaling of the stack that is up has done, and why. @param activities how many of each group */
  readonly readScaling: (stack: BackgroundStack, activities: number) => Promise<ScalingView>;
  /** Sets the desired capacity of a group of the stack that is up. */
  readonly setDesired: (stack: BackgroundStack, groupName: string, capacity: number) => Promise<void>;
  /** Orders what EC2 does of itself. @throws FleetOrderError */
  readonly orderFleet: (order: FleetOrder) => Promise<void>;
  /**
   * Stops the background stack, or its start.
   *
   * @param say told what can't be removed
   * @returns what was up
   */
  readonly stopBackground: (say: (line: string) => void) => Promise<BackgroundStack | undefined>;
}
