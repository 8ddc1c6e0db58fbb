resource "aws_rds_cluster" "billing" {
  cluster_identifier              = "billing"
  engine                          = "aurora-postgresql"
  engine_version                  = "15.4"
  database_name                   = "billing"
  master_username                 = "billing"
  manage_master_user_password     = true
  storage_encrypted               = true
  kms_key_id                      = local.key
  backup_retention_period         = 30
  enabled_cloudwatch_logs_exports = ["postgresql"]
  skip_final_snapshot             = true
}

resource "aws_rds_cluster_instance" "billing" {
  count              = 2
  identifier         = "billing-${count.index}"
  cluster_identifier = aws_rds_cluster.billing.id
  engine             = aws_rds_cluster.billing.engine
  instance_class     = "db.r6g.large"
}
