import { awsHandler } from "../../../kit/function/aws-handler";
import { objectStore } from "../aws-object-store";
import { bucket, hosts, invoke, ledger, queue, resultStore, taskCallback, unnamed, workflow } from "../aws-ports";
import { reconcileFunction } from "./function";

export const handler = awsHandler(
  reconcileFunction,
  { bucket, hosts, invoke, ledger, objectStore, queue, resultStore, taskCallback, unnamed, workflow },
  process.env,
);
