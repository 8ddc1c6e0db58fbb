import type { Denial } from "./emulator/calls-and-denials";
import type { RolledWorkers } from "./fleet/fleet";
import type { LocalSystem, SystemOutputs } from "./local-system";
import type { StackChanges } from "./provision/provision";

/** A system to start. */
export interface SystemToStart {
  readonly system: LocalSystem;
  /** cdk.tf.json of its environment `local`, already synthesized. */
  readonly stackFile: string;
}

export interface LocalStackOptions {
  /** Project root: holds dist/ and kit/local/. */
  readonly projectDirectory: string;
  /** `.filemill` folder: virtual environment, running stacks. */
  readonly homeDirectory: string;
  /** One at least; all of them on one emulator. */
  readonly systems: readonly SystemToStart[];
  /**
   * The user's environment: the way to a package index is taken from it when the emulator is installed, and nothing else.
   *
   * @default none - nothing is to be installed
   */
  readonly environment?: NodeJS.ProcessEnv;
  /** How many processes there are, by their name; none of one that is not named, which needs no launch template then. */
  readonly processes: Readonly<Record<string, number>>;
  /**
   * What their number is to the group that they are instances of. `fixed`: always that many. `elastic`: the most, and as many at first.
   * `synthesized`: the most; the rest is the stack's own.
   *
   * @default fixed
   */
  readonly sizing?: "fixed" | "elastic" | "synthesized";
  /** Seconds of policies, alarms and schedules that pass in a second, 1 to MAXIMUM_TIME_FACTOR. @default 1 */
  readonly timeFactor?: number;
  /** Port of the emulator. @default a free one */
  readonly port?: number;
  /** Progress for people: "installing the emulator" ..., and later that a worker was replaced. */
  readonly onStage?: (stage: string) => void;
  /** Ends the start; a stack that has started is ended by its `stop`. */
  readonly signal?: AbortSignal;
  /** Programs by the processes' name, in place of those of dist/. */
  readonly programFiles?: Readonly<Record<string, string>>;
  /** The Node that runs Lambdas and workers, in a folder where it is called `node`. @default the one that runs this process */
  readonly nodeFile?: string;
  /**
   * How long workers may drain at the stop, in milliseconds.
   *
   * @default 5,000 - at the end of a run they have nothing in hand; what they hold otherwise is lost with the emulator anyway
   */
  readonly drainTimeoutMs?: number;
  /**
   * true: a worker that dies is replaced, as the Auto Scaling group does on AWS; after many losses in a minute the stack fails.
   * false: the first one fails it.
   *
   * @default true - a death is a fault that batches survive
   */
  readonly replaceLostWorkers?: boolean;
  /** true: its functions may be changed once, by `redeploy`; until then they are not sealed. @default false */
  readonly redeployable?: boolean;
  /** true: requests count as plain HTTP, so TLS-only policies refuse them. For the test of those policies. @default false */
  readonly plainHttp?: boolean;
}

/** Variables that are enough for any AWS client; they are the stack's root user, whose credentials are made for it. */
export interface AwsEnvironment {
  readonly AWS_ENDPOINT_URL: string;
  readonly AWS_REGION: string;
  /** The same; the name that the first AWS CLI and others look for. */
  readonly AWS_DEFAULT_REGION: string;
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
}

/** Why a local stack can't go on. */
export interface StackFailure {
  readonly kind: "emulator-ended" | "worker-ended" | "denied" | "disk-full";
  /** Cause and value. */
  readonly message: string;
  readonly fix: string;
}

/** CPU seconds since the start. `lambdas` holds ended ones where the system tells (Linux). */
export interface Usage {
  readonly emulator: number;
  readonly lambdas: number;
  readonly workers: readonly number[];
}

/** Another version of a stack's systems. */
export interface RedeployOptions {
  /** Those that were started. */
  readonly systems: readonly SystemToStart[];
  /** As in LocalStackOptions. */
  readonly programFiles?: Readonly<Record<string, string>>;
  /** How long a process may take for what it has in hand, in milliseconds, before it is killed. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal;
}

/** What a redeployment did. */
export type Redeployment = StackChanges & RolledWorkers;

export interface LocalStack {
  /** http://127.0.0.1:PORT */
  readonly endpoint: string;
  readonly outputs: SystemOutputs;
  readonly environment: AwsEnvironment;
  /** Asked for by whoever orders faults of the emulator (`Faults`). */
  readonly controlSecret: string;
  /** Endpoint, region and credentials (an hour long) of a synthesized role, as variables for any AWS client. */
  readonly roleEnvironment: (roleArn: string) => Promise<Record<string, string>>;
  /** Every call that was refused for lack of a permission, whoever made it. */
  readonly denials: () => readonly Denial[];
  /** Number of calls by `service:Operation`, provisioning included; up to 200 ms old. */
  readonly calls: () => Record<string, number>;
  readonly usage: () => Promise<Usage>;
  /** Settles with the first failure; never rejects, and never settles while all is well or because of `stop`. */
  readonly failed: Promise<StackFailure>;
  /** The first failure so far. */
  readonly failure: () => StackFailure | undefined;
  /** Settles when the emulator ends, whoever ended it. */
  readonly ended: Promise<void>;
  /**
   * Brings the stack to other versions of its systems while it works, as a deployment does: first the resources, then the processes, one
   * after the other. Once, and only where it was started for that.
   */
  readonly redeploy: (next: RedeployOptions) => Promise<Redeployment>;
  /** Idempotent; no process, port or file of the stack is left afterwards. */
  readonly stop: () => Promise<void>;
}
