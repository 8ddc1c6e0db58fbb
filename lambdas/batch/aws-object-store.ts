import { makeS3Client } from "../../kit/aws/clients";
import { S3ObjectStore } from "../../kit/aws/s3-object-store";
import type { OnAws } from "../../kit/function/aws-handler";
import type { ObjectStore } from "../../kit/ports/object-store";

/** In a file of its own: its library for uploads can't be shaken out of the bundle of a function that has no use for it. */
export const objectStore = ({ shared }: OnAws): ObjectStore => new S3ObjectStore(shared(makeS3Client));
