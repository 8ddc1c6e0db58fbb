import type { WorkerGroup } from "../compute/worker-group";
import type { Grantee } from "../iam/statement";
import type { WorkQueue } from "../messaging/work-queue";
import { grantReadOf, type PrivateBucket } from "../storage/private-bucket";
import type { Table } from "../storage/table";
import type { StateMachine } from "../workflow/state-machine";
import type { NodeFunction } from "./node-function";

/** What a described function can be given the use of: where it is, and a grant for each verb of its uses. */
export interface Usable<Verb extends string> {
  /** What a variable says of it. @default none - then a use that has a variable must be optional, and stays without */
  readonly address?: string;
  /** @param prefix of a bucket's keys */
  readonly grants: Readonly<Record<Verb, (grantee: Grantee, prefix: string) => void>>;
}
/** One that every environment has. */
export type Addressed<Verb extends string> = Usable<Verb> & { readonly address: string };

export const usableTable = (table: Table): Addressed<"get" | "getMany" | "put" | "update" | "query"> => ({
  address: table.tableName,
  grants: {
    get: table.grantRead.bind(table),
    getMany: table.grantReadMany.bind(table),
    put: table.grantPut.bind(table),
    update: table.grantUpdate.bind(table),
    query: table.grantQuery.bind(table),
  },
});

export const usableBucket = (bucket: PrivateBucket): Addressed<"read" | "readVersions" | "list" | "write" | "put"> => ({
  address: bucket.bucketName,
  grants: {
    read: bucket.grantReadObjects.bind(bucket),
    readVersions: bucket.grantReadVersions.bind(bucket),
    list: bucket.grantList.bind(bucket),
    write: bucket.grantWriteObjects.bind(bucket),
    put: bucket.grantPutObjects.bind(bucket),
  },
});

/** Buckets that may be others' than this stack's. @param what names them in statements */
export const usableBuckets = (what: string, bucketNames: readonly string[]): Addressed<"read"> => ({
  address: bucketNames.join(","),
  grants: {
    read: (grantee) => {
      grantReadOf(grantee, what, bucketNames);
    },
  },
});

export const usableQueue = (queue: WorkQueue): Addressed<"consume" | "send" | "readDepth"> => ({
  address: queue.queueUrl,
  grants: {
    consume: queue.grantConsume.bind(queue),
    send: queue.grantSend.bind(queue),
    readDepth: queue.grantReadDepth.bind(queue),
  },
});

export const usableDeadLetters = (queue: WorkQueue): Addressed<"consume" | "send" | "readDepth"> => ({
  address: queue.deadLetterQueueUrl,
  grants: {
    consume: queue.grantConsumeDeadLetters.bind(queue),
    send: queue.grantSendToDeadLetters.bind(queue),
    readDepth: queue.grantReadDeadLettersDepth.bind(queue),
  },
});

export const usableMachine = (machine: StateMachine): Addressed<"start" | "stop" | "answer" | "fail"> => ({
  address: machine.machineArn,
  grants: {
    start: machine.grantStart.bind(machine),
    stop: machine.grantStop.bind(machine),
    answer: machine.grantAnswer.bind(machine),
    fail: machine.grantFail.bind(machine),
  },
});

export const usableGroup = (group: WorkerGroup): Addressed<"resize" | "read" | "terminate"> => ({
  address: group.groupName,
  grants: {
    resize: group.grantResize.bind(group),
    read: group.grantRead.bind(group),
    terminate: group.grantTerminate.bind(group),
  },
});

export const usableFunction = (called: NodeFunction): Addressed<"invoke"> => ({
  address: called.functionName,
  grants: { invoke: called.grantInvoke.bind(called) },
});
