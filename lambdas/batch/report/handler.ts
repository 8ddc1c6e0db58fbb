import { awsHandler } from "../../../kit/function/aws-handler";
import { objectStore } from "../aws-object-store";
import { bucket, ledger, queue } from "../aws-ports";
import { reportFunction } from "./function";

export const handler = awsHandler(reportFunction, { bucket, ledger, objectStore, queue }, process.env);
