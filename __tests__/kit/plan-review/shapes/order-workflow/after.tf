locals {
  days     = 14
  type     = "EXPRESS"
  seconds  = 30
  retry    = []
  level    = "OFF"
  schedule = "rate(5 minutes)"
  rule     = "DISABLED"
}
