locals {
  window    = 0
  key       = null
  rotated   = false
  readers   = ["arn:aws:iam::123456789012:role/payments", "arn:aws:iam::210987654321:root"]
  parameter = "String"
}
