locals {
  engine    = "7.1"
  type      = "cache.t4g.small"
  nodes     = 1
  rest      = false
  transit   = false
  snapshots = 0
}
