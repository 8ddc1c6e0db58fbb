locals {
  is_enabled = true
  routes     = 1
  topic      = "critical"
}
