locals {
  family      = "postgres16"
  connections = "400"
  engine      = "16.3"
  class       = "db.r6g.large"
  multi       = false
  backups     = 7
  now         = true
}
