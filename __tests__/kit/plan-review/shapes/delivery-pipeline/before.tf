locals {
  mutability = "IMMUTABLE"
  force      = false
  scan       = true
  images     = 100
  policy     = "AmazonEC2ContainerRegistryPowerUser"
  privileged = false
  token_type = "SECRETS_MANAGER"
  token      = "npm-token"
  branch     = "main"
  approval   = [1]
}
