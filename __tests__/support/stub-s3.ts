import { S3Client } from "@aws-sdk/client-s3";
import { S3ObjectStore } from "../../kit/aws/s3-object-store";
import { STUB_CLIENT, StubHandler, type SentRequest, type StubAnswer } from "./stub-handler";

/** A store whose requests get these answers. */
export function storeWith(answer: (request: SentRequest, index: number) => StubAnswer): { store: S3ObjectStore; stub: StubHandler } {
  const stub = new StubHandler(answer);
  return { store: new S3ObjectStore(new S3Client({ ...STUB_CLIENT, forcePathStyle: true, requestHandler: stub })), stub };
}
