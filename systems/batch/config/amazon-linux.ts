import type { Architecture } from "./instance-types";

/** AWS's public parameters of the newest Amazon Linux 2023. https://docs.aws.amazon.com/linux/al2023/ug/ec2.html */
export const AMAZON_LINUX_PARAMETERS: Readonly<Record<Architecture, string>> = {
  arm64: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
  x86_64: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
};
