import { forgetAwsSettings } from "../aws/forget-aws-settings";
import { onStopSignals, readSignalFacts } from "../aws/stop-signals";
import { supervisorOrderSchema } from "./background/messages";
import type { SupervisorReport } from "./background/messages";
import { KnownSystems, supervise } from "./background/supervise";
import type { LocalSystem } from "./local-system";

/**
 * Does what the process behind `filemill local up` does. Whoever starts it sends the order over the IPC channel and listens until the stack
 * is ready; after that SIGTERM ends it.
 *
 * @param systems those that an order may name
 * @param process this one
 * @param environment its variables, of which the AWS settings are taken out
 */
export function runSupervisor(systems: readonly LocalSystem[], process: NodeJS.Process, environment: NodeJS.ProcessEnv): void {
  forgetAwsSettings(environment);
  // whatever it writes holds or leads to the stack's credentials
  process.umask(0o077);
  const stop = new AbortController();
  let ready = false;
  /** Settles when the parent has been told everything so far. */
  let told: Promise<void> = Promise.resolve();

  const report = (message: SupervisorReport): void => {
    if (message.kind === "ready") ready = true;
    // a parent that is gone hears nothing; "disconnect" below deals with that
    if (!process.connected) return;
    told = new Promise((resolve) => {
      process.send?.(message, () => {
        resolve();
      });
    });
  };

  // up.log on a disk that is full: the stack is of use without it
  process.stderr.on("error", () => undefined);
  // it has no terminal: the one that `local up` was typed on may be closed
  onStopSignals(process, readSignalFacts(), (signal) => {
    stop.abort(new Error(`stopped by ${signal}`));
  });
  process.on("disconnect", () => {
    if (!ready) stop.abort(new Error("whoever started the stack ended before it was ready"));
  });
  process.once("message", (order) => {
    supervise(supervisorOrderSchema.parse(order), new KnownSystems(systems), environment, report, stop.signal).then(
      () => told.then(() => process.exit(0)),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        void told.then(() => process.exit(1));
      },
    );
  });
}
