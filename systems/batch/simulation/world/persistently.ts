import { SECOND } from "../../../../kit/simulator/kernel/times";
import type { WorldPorts } from "./world-ports";

/** A person repeats a command that failed because a service did. */
export async function persistently<T>({ clock, log }: Pick<WorldPorts, "clock" | "log">, command: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await command();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "ServiceFaultError") throw error;
      log("warn", "operator_repeats", { error });
      await clock.sleep(10 * SECOND);
    }
  }
}
