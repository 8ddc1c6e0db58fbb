locals {
  is_enabled = false
  routes     = 0
  topic      = "wakes-people"
}
