import { awsHandler } from "../../../kit/function/aws-handler";
import { claims, reader, rows, sink } from "../aws-ports";
import { classifyFunction } from "./function";

export const handler = awsHandler(classifyFunction, { claims, reader, rows, sink }, process.env);
