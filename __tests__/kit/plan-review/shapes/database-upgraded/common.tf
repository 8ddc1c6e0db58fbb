variable "password" {
  type      = string
  sensitive = true
  default   = "a-made-up-password"
}

resource "aws_db_parameter_group" "orders" {
  name   = "orders-${local.family}"
  family = local.family
  parameter {
    name         = "max_connections"
    value        = local.connections
    apply_method = "pending-reboot"
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "orders" {
  identifier                   = "orders"
  engine                       = "postgres"
  engine_version               = local.engine
  allow_major_version_upgrade  = true
  instance_class               = local.class
  allocated_storage            = 200
  storage_type                 = "gp3"
  storage_encrypted            = true
  username                     = "orders"
  password                     = var.password
  parameter_group_name         = aws_db_parameter_group.orders.name
  multi_az                     = local.multi
  backup_retention_period      = local.backups
  deletion_protection          = true
  performance_insights_enabled = true
  skip_final_snapshot          = false
  final_snapshot_identifier    = "orders-last"
  apply_immediately            = local.now
}
