import type { StackOutputs } from "../core/contracts/stack-outputs";
import type { AwsEnvironment } from "./services";

export interface StartOptions {
  /** cdk.tf.json of the environment `local`. */
  readonly stackFile: string;
  readonly workers: number;
  readonly port?: number;
  readonly onStage: (stage: string) => void;
  readonly signal: AbortSignal;
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
  readonly outputs: StackOutputs;
  readonly environment: AwsEnvironment;
  /** Never rejects; never settles while all is well. */
  readonly failed: Promise<LocalFailure>;
  /** The first failure seen so far: a denied call may come after the last result. */
  readonly failure: () => LocalFailure | undefined;
  /** Idempotent; nothing of the stack is left afterwards. */
  readonly stop: () => Promise<void>;
}

/** The local stack that `filemill local up` left running. */
export interface BackgroundStack {
  readonly endpoint: string;
  readonly outputs: StackOutputs;
  readonly environment: AwsEnvironment;
  readonly pid: number;
  readonly workers: number;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** The embedded run, as far as the command needs it; `local/` behind it. */
export interface LocalRuntime {
  /** `.filemill` in the project: virtual environment, running stacks, folders of runs. */
  readonly homeDirectory: string;
  /** Bytes that are free for this user on the disk of the home, where a stack keeps its objects. */
  readonly freeBytes: () => Promise<number>;
  /** Synthesizes the environment `local`. @returns path of cdk.tf.json */
  readonly synthesize: (outputDirectory: string, signal: AbortSignal) => Promise<string>;
  readonly start: (options: StartOptions) => Promise<RunningStack>;
  readonly startBackground: (options: StartOptions) => Promise<BackgroundStack>;
  readonly findBackground: () => Promise<BackgroundStack | undefined>;
  readonly stopBackground: () => Promise<void>;
}
