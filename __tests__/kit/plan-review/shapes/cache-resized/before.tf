locals {
  engine    = "7.0"
  type      = "cache.r6g.large"
  nodes     = 3
  rest      = true
  transit   = true
  snapshots = 7
}
