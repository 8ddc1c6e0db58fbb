import type { MessageSink } from "../../kit/ports/job-queue";
import type { ResultMessage } from "../../systems/batch/contracts/messages";

/** Sends acknowledgements to a queue; resolves when all were accepted. */
export const acknowledgeOn =
  (results: MessageSink) =>
  (messages: readonly ResultMessage[]): Promise<void> =>
    results.send(messages.map((message) => JSON.stringify(message)));
