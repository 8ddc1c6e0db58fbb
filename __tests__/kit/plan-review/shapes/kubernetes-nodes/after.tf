locals {
  version       = "1.30"
  public        = true
  cidrs         = ["0.0.0.0/0"]
  logs          = ["api"]
  types         = ["m6a.xlarge"]
  size          = 4
  cni           = "v1.18.1-eksbuild.1"
  node_policies = ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly", "AmazonS3FullAccess"]
}
