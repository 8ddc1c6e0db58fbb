locals {
  description  = "Bastion host"
  admins       = ["198.51.100.7/32", "0.0.0.0/0"]
  from_bastion = false
  image        = "ami-0bbbbbbbbbbbbbbbb"
  tokens       = "optional"
}
