import { awsHandler } from "../../../kit/function/aws-handler";
import { objectStore } from "../aws-object-store";
import { bucket, folder, ledger, queue, resultStore, unnamed } from "../aws-ports";
import { reduceFunction } from "./function";

export const handler = awsHandler(reduceFunction, { bucket, folder, ledger, objectStore, queue, resultStore, unnamed }, process.env);
