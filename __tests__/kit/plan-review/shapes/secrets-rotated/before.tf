locals {
  window    = 30
  key       = "arn:aws:kms:eu-west-1:123456789012:key/33333333-3333-3333-3333-333333333333"
  rotated   = true
  readers   = ["arn:aws:iam::123456789012:role/payments"]
  parameter = "SecureString"
}
