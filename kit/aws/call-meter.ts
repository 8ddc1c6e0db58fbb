import { z } from "zod";
import type { CallMeter } from "../ports/call-meter";

type Next = (args: never) => Promise<{ readonly response: unknown }>;
/** The part of a client where each attempt of a call passes. */
interface WithStack {
  readonly middlewareStack: {
    add(
      middleware: (next: Next, context: { readonly commandName?: string }) => Next,
      options: { readonly step: "deserialize"; readonly name: string; readonly override: true; readonly priority: "high" },
    ): void;
  };
}

/** Of all clients of this process. */
class SdkCallMeter implements CallMeter {
  private calls = 0;

  public take(): number {
    const { calls } = this;
    this.calls = 0;
    return calls;
  }

  /** Counts a client's calls from now on. @returns the client */
  public count<Client extends WithStack>(client: Client): Client {
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          this.calls += 1;
          const result = await next(args);
          if (commandName === "ReceiveMessageCommand" && !receivedSchema.safeParse(result).success) this.calls -= 1;
          return result;
        },
      // before the answer is read: what comes back here has been
      { step: "deserialize", name: "countCalls", override: true, priority: "high" },
    );
    return client;
  }
}

const receivedSchema = z.object({ output: z.object({ Messages: z.array(z.unknown()).min(1) }) });

export const sdkCallMeter = new SdkCallMeter();
