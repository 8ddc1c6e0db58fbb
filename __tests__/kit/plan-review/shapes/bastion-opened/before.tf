locals {
  description  = "bastion"
  admins       = ["198.51.100.7/32"]
  from_bastion = true
  image        = "ami-0aaaaaaaaaaaaaaaa"
  tokens       = "required"
}
