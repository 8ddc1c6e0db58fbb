import { chunkJobSchema } from "../../contracts/messages";
import { StatesError } from "../../../../kit/simulator/interpreter/errors";
import type { TaskServices } from "../../../../kit/simulator/interpreter/world";
import { NotInStackError } from "../../../../kit/simulator/stack/stack-model";
import { FunctionError } from "../../../../kit/simulator/services/functions-service";
import type { World } from "./world";

/** What the machine reaches: functions and queues that its definition names. One that is not in the stack fails as on AWS. */
export const taskServices = (world: World): TaskServices => ({
  invokeFunction: async (functionArn, payload) => {
    try {
      return await world.functions.invoke(world.deployed.functionOfArn(functionArn).code, payload);
    } catch (error) {
      if (error instanceof NotInStackError) throw new StatesError("Lambda.ResourceNotFoundException", error.message);
      throw error instanceof FunctionError ? new StatesError(error.error, error.message) : error;
    }
  },
  sendMessage: async (queueUrl, body) => {
    const { token, chunk, batchId, generation } = chunkJobSchema.parse(JSON.parse(body));
    world.facts.tokens.set(token, { ref: { batchId, generation }, index: chunk.index });
    if (world.faults.strikes("sqs-error")) throw new StatesError("SQS.AmazonSQSException", "Service Unavailable");
    await sinkAt(world, queueUrl).send([body]);
    return { messageId: token };
  },
  readObject: (bucket, key) => Promise.resolve(world.store.text(bucket, key)),
  writeObject: (bucket, key, body) => world.store.put(bucket, key, body),
});

/** The queue as its users have it, faults and checks included, where it is one of theirs. */
function sinkAt(world: World, url: string): { send(bodies: readonly string[]): Promise<void> } {
  const roles = Object.entries(world.deployed.queueUrls) as [keyof World["services"]["queues"], string][];
  const role = roles.find(([, each]) => each === url)?.[0];
  const queue = role === undefined ? undefined : world.services.queues[role];
  if (queue !== undefined) return queue;
  try {
    return world.queueAt(url);
  } catch (error) {
    throw error instanceof NotInStackError ? new StatesError("SQS.AmazonSQSException", error.message) : error;
  }
}
