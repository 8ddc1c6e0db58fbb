locals {
  throughput = "elastic"
  backup     = "DISABLED"
  encrypted  = true
  statements = [
    { Effect = "Allow", Principal = { AWS = "*" }, Action = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"], Resource = "*" },
  ]
}
