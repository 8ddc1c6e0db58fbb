locals {
  family      = "postgres15"
  connections = "200"
  engine      = "15.4"
  class       = "db.r6g.xlarge"
  multi       = true
  backups     = 14
  now         = false
}
