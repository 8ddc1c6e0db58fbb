import { LambdaClient } from "@aws-sdk/client-lambda";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SdkAccountQuotas } from "../../../kit/aws/account-quotas";
import { json, jsonError, STUB_CLIENT, StubHandler, type SentRequest, type StubAnswer } from "../../support/stub-handler";

const SETTINGS = json({ AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 900 } });
const codeOf = ({ body }: SentRequest): string => (JSON.parse(body) as { QuotaCode: string }).QuotaCode;
const isDefault = ({ headers }: SentRequest): boolean => headers["x-amz-target"]?.endsWith(".GetAWSDefaultServiceQuota") === true;

function quotasWith(lambda: () => StubAnswer, quota: (request: SentRequest) => StubAnswer) {
  const stub = new StubHandler(quota);
  const clients = [
    new LambdaClient({ ...STUB_CLIENT, requestHandler: new StubHandler(lambda) }),
    new ServiceQuotasClient({ ...STUB_CLIENT, requestHandler: stub }),
  ] as const;
  return { stub, quotas: new SdkAccountQuotas(...clients) };
}

test("what the account has is asked of Lambda and, for EC2, of Service Quotas by code", async () => {
  const { quotas, stub } = quotasWith(
    () => SETTINGS,
    (request) => json({ Quota: { Value: codeOf(request) === "L-34B43A08" ? 32 : 16 } }),
  );
  expect(await quotas.read()).toEqual({
    lambdaConcurrency: { value: 1_000 },
    unreservedLambdaConcurrency: { value: 900 },
    spotVcpus: { value: 32 },
    onDemandVcpus: { value: 16 },
  });
  expect(stub.requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    { ServiceCode: "ec2", QuotaCode: "L-34B43A08" },
    { ServiceCode: "ec2", QuotaCode: "L-1216C47A" },
  ]);
});

test("an account without a value of its own has AWS's default, and it is said to be that", async () => {
  const { quotas } = quotasWith(
    () => SETTINGS,
    (request) => (isDefault(request) ? json({ Quota: { Value: 5 } }) : jsonError("NoSuchResourceException", "no such quota", 400)),
  );
  expect((await quotas.read()).spotVcpus).toEqual({ value: 5, isDefault: true });
});

test("a missing permission is an answer with its name, and so is every other fault; the other quotas are read all the same", async () => {
  const { quotas } = quotasWith(
    () => jsonError("AccessDeniedException", "not authorized", 403),
    (request) =>
      codeOf(request) === "L-1216C47A"
        ? jsonError("AccessDeniedException", "not authorized", 400)
        : isDefault(request)
          ? jsonError("AccessDeniedException", "not authorized", 400)
          : jsonError("NoSuchResourceException", "no such quota", 400),
  );
  const lambda = { problem: "it takes the permission lambda:GetAccountSettings" };
  expect(await quotas.read()).toEqual({
    lambdaConcurrency: lambda,
    unreservedLambdaConcurrency: lambda,
    spotVcpus: { problem: "it takes the permission servicequotas:GetAWSDefaultServiceQuota" },
    onDemandVcpus: { problem: "it takes the permission servicequotas:GetServiceQuota" },
  });
  const broken = quotasWith(
    () => jsonError("ServiceException", "broken", 500),
    () => json({ Quota: {} }),
  );
  expect(await broken.quotas.read()).toMatchObject({ lambdaConcurrency: { problem: "ServiceException: broken" }, spotVcpus: {} });
});
