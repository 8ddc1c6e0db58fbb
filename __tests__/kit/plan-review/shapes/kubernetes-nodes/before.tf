locals {
  version       = "1.29"
  public        = true
  cidrs         = ["198.51.100.0/24"]
  logs          = ["api", "audit", "authenticator"]
  types         = ["m6a.xlarge", "m5a.xlarge"]
  size          = 6
  cni           = "v1.16.0-eksbuild.1"
  node_policies = ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"]
}
