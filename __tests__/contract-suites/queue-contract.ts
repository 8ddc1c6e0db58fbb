import type { QueueDepth } from "../../kit/ports/capacity";
import type { JobQueue, MessageSink, ReceivedMessage } from "../../kit/ports/job-queue";

type Queue = JobQueue & MessageSink & QueueDepth;

export interface QueueSubject {
  /** An empty standard queue whose messages move to `deadLetters` after `MAXIMUM_RECEIVES` receives. */
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

/** As many as no test but the one of the dead-letter queue needs. */
export const MAXIMUM_RECEIVES = 3;

/** Longer than any test. */
const LONG_LEASE = 600;

/** Text that breaks what takes it for XML, a C string or well-formed UTF-16. */
const ODD_TEXT = ["", "\u0000\u001f\u007f", "]]>&<tag>\"'\\", "\u2028\u2029\r\n\t", "\ufffe\uffff\ufeff", "\u{1f600}\ud800", "  spaces  "];

/**
 * What every JobQueue and MessageSink does. A lease that is over without another receive is not here: AWS refuses to extend it
 * (MessageNotInflight), and the local emulator does not.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
 */
export function describeQueueContract(name: string, makeSubject: () => Promise<QueueSubject>): void {
  describe(`JobQueue and MessageSink: ${name}`, () => {
    let queue: Queue;
    let deadLetters: Queue;

    beforeEach(async () => {
      ({ deadLetters, queue } = await makeSubject());
    });

    /** What can be received now. */
    const receive = (leaseSeconds = LONG_LEASE, maximumMessages = 10): Promise<ReceivedMessage[]> =>
      queue.receive({ maximumMessages, waitSeconds: 0, leaseSeconds });
    /** Waits up to 10 s for something to come up. */
    const nextMessage = async (leaseSeconds = LONG_LEASE): Promise<ReceivedMessage> =>
      only(await queue.receive({ maximumMessages: 1, waitSeconds: 10, leaseSeconds }));
    const drained = async (from: Queue): Promise<ReceivedMessage[]> => {
      const all: ReceivedMessage[] = [];
      for (;;) {
        const group = await from.receive({ maximumMessages: 10, waitSeconds: 0, leaseSeconds: LONG_LEASE });
        if (group.length === 0) return all;
        expect(group.length).toBeLessThanOrEqual(10);
        all.push(...group);
      }
    };

    test("a message is received once while its lease lasts", async () => {
      await queue.send(['{"job":1}']);
      const message = only(await receive());
      expect(message).toMatchObject({ body: '{"job":1}', receiveCount: 1 });
      expect(await receive()).toEqual([]);
      await expect(queue.read()).resolves.toEqual({ visible: 0, inFlight: 1 });
    });

    test("a poll that finds nothing ends empty", async () => {
      expect(await queue.receive({ maximumMessages: 1, waitSeconds: 1, leaseSeconds: LONG_LEASE })).toEqual([]);
    });

    test("a long poll ends with the message that comes", async () => {
      const polling = nextMessage();
      await queue.send(["{}"]);
      await expect(polling).resolves.toMatchObject({ body: "{}" });
    });

    test("each message of a send goes to one of several polls", async () => {
      const polls = [1, 2, 3].map(() => nextMessage());
      await queue.send(["1", "2", "3"]);
      expect((await Promise.all(polls)).map(({ body }) => body).sort()).toEqual(["1", "2", "3"]);
    });

    test("an aborted poll rejects with the signal's reason and takes nothing", async () => {
      const stop = new AbortController();
      const polling = queue.receive({ maximumMessages: 1, waitSeconds: 10, leaseSeconds: LONG_LEASE, signal: stop.signal });
      stop.abort(new Error("drain"));
      await expect(polling).rejects.toThrow("drain");
      await expect(queue.receive({ maximumMessages: 1, waitSeconds: 10, leaseSeconds: 1, signal: stop.signal })).rejects.toThrow("drain");
      await queue.send(["{}"]);
      await expect(nextMessage()).resolves.toMatchObject({ receiveCount: 1 });
    });

    describe("lease", () => {
      test("when it is over the message comes again, by another handle", async () => {
        await queue.send(["{}"]);
        const first = only(await receive(1));
        const second = await nextMessage();
        expect(second).toMatchObject({ messageId: first.messageId, body: first.body, receiveCount: 2 });
        expect(second.receiptHandle).not.toBe(first.receiptHandle);
      });

      test("extended, it lasts from now on", async () => {
        await queue.send(["{}"]);
        const message = only(await receive(3));
        expect(await queue.extend([message], LONG_LEASE)).toEqual([]);
        expect(await queue.receive({ maximumMessages: 1, waitSeconds: 4, leaseSeconds: LONG_LEASE })).toEqual([]);
      });

      test("set to 0, it gives the message back at once", async () => {
        await queue.send(["{}"]);
        const first = only(await receive());
        expect(await queue.extend([first], 0)).toEqual([]);
        await expect(nextMessage()).resolves.toMatchObject({ messageId: first.messageId, receiveCount: 2 });
      });

      // ReceiptHandleIsInvalid of https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html;
      // the handle is of one receive: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
      test("lost to another receiver, it is the other's: the old handle does nothing to it", async () => {
        await queue.send(["{}"]);
        const old = only(await receive(1));
        const current = await nextMessage();
        expect(await queue.extend([old], 0)).toEqual([old]);
        expect(await receive()).toEqual([]);
        expect(await queue.extend([current], LONG_LEASE)).toEqual([]);
      });

      test("of a deleted message is lost", async () => {
        await queue.send(["{}"]);
        const message = only(await receive());
        await queue.delete([message]);
        expect(await queue.extend([message], LONG_LEASE)).toEqual([message]);
      });

      test("of more than ten messages: those that were lost are returned, the others are kept", async () => {
        await queue.send(Array.from({ length: 23 }, (_, index) => String(index)));
        const messages = await drained(queue);
        const deleted = messages.filter((_, index) => index % 4 === 0);
        await queue.delete(deleted);
        const lost = await queue.extend(messages, LONG_LEASE);
        expect(idsOf(lost)).toEqual(idsOf(deleted));
        await expect(queue.read()).resolves.toEqual({ visible: 0, inFlight: messages.length - deleted.length });
      });

      test.each([-1, 43_201])("of %i s is no lease", async (leaseSeconds) => {
        await queue.send(["{}"]);
        await expect(queue.extend(await receive(), leaseSeconds)).rejects.toThrow(RangeError);
      });
    });

    describe("delete", () => {
      test("a deleted message is gone, and deleting it again is no error", async () => {
        await queue.send(["{}"]);
        const message = only(await receive(1));
        await queue.delete([message]);
        await queue.delete([message]);
        expect(await queue.receive({ maximumMessages: 1, waitSeconds: 2, leaseSeconds: LONG_LEASE })).toEqual([]);
        await expect(queue.read()).resolves.toEqual({ visible: 0, inFlight: 0 });
      });

      // with an old handle the call "succeeds, but the message might not be deleted"
      // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
      test("by an old handle is no error, and the newest handle deletes", async () => {
        await queue.send(["{}"]);
        const old = only(await receive(1));
        const current = await nextMessage();
        await queue.delete([old]);
        await queue.delete([current]);
        await expect(queue.read()).resolves.toEqual({ visible: 0, inFlight: 0 });
      });

      test("of more than ten messages deletes them all", async () => {
        await queue.send(Array.from({ length: 25 }, (_, index) => String(index)));
        await queue.delete(await drained(queue));
        await expect(queue.read()).resolves.toEqual({ visible: 0, inFlight: 0 });
      });
    });

    describe("send", () => {
      test("of more than ten messages: each comes once, at most ten at a time", async () => {
        const bodies = Array.from({ length: 25 }, (_, index) => `{"job":${index}}`);
        await queue.send(bodies);
        await expect(queue.read()).resolves.toEqual({ visible: 25, inFlight: 0 });
        const messages = await drained(queue);
        expect(messages.map(({ body }) => body).sort()).toEqual(bodies.toSorted());
        expect(new Set(idsOf(messages)).size).toBe(25);
      });

      test.each([1, 3])("a receive gives at most the %i messages asked for", async (maximumMessages) => {
        await queue.send(["1", "2", "3", "4", "5"]);
        const received = await receive(LONG_LEASE, maximumMessages);
        expect(received.length).toBeGreaterThan(0);
        expect(received.length).toBeLessThanOrEqual(maximumMessages);
      });

      test("JSON of any text reads back as it was", async () => {
        await queue.send(ODD_TEXT.map((text) => JSON.stringify({ text })));
        const read = (await drained(queue)).map(({ body }) => (JSON.parse(body) as { text: string }).text);
        expect(read.sort()).toEqual(ODD_TEXT.toSorted());
      });

      // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html: 1 MiB
      test("a message that is too big is refused, and none of the others is sent", async () => {
        await expect(queue.send(["{}", `"${"x".repeat(1_048_576)}"`])).rejects.toThrow(/1048576/);
        await expect(queue.read()).resolves.toEqual({ visible: 0, inFlight: 0 });
      });

      test("of nothing is nothing", async () => {
        await queue.send([]);
        await queue.delete([]);
        expect(await queue.extend([], LONG_LEASE)).toEqual([]);
        expect(await receive()).toEqual([]);
      });
    });

    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    test(`after ${MAXIMUM_RECEIVES} receives a message goes to the dead-letter queue instead of to a receiver`, async () => {
      await queue.send(["poison"]);
      for (let count = 1; count <= MAXIMUM_RECEIVES; count += 1) {
        const message = only(await receive());
        expect(message.receiveCount).toBe(count);
        await queue.extend([message], 0);
      }
      expect(await receive()).toEqual([]);
      await expect(queue.read()).resolves.toEqual({ visible: 0, inFlight: 0 });
      expect((await drained(deadLetters)).map(({ body }) => body)).toEqual(["poison"]);
    });
  });
}

function only(messages: readonly ReceivedMessage[]): ReceivedMessage {
  const [message, ...others] = messages;
  if (message === undefined || others.length > 0) throw new Error(`${messages.length} messages were received; expected one`);
  return message;
}

const idsOf = (messages: readonly ReceivedMessage[]): string[] => messages.map(({ messageId }) => messageId).sort();
