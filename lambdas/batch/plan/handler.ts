import { awsHandler } from "../../../kit/function/aws-handler";
import { objectStore } from "../aws-object-store";
import { bucket, bucketList, folder, invoke, ledger } from "../aws-ports";
import { planFunction } from "./function";

export const handler = awsHandler(planFunction, { bucket, bucketList, folder, invoke, ledger, objectStore }, process.env);
