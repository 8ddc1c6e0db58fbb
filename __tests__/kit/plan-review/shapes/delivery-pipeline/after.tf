locals {
  mutability = "MUTABLE"
  force      = true
  scan       = false
  images     = 10
  policy     = "AdministratorAccess"
  privileged = true
  token_type = "PLAINTEXT"
  token      = "npm_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  branch     = "develop"
  approval   = []
}
