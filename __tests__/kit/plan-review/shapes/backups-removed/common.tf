resource "aws_backup_vault" "tables" {
  name          = local.vault
  force_destroy = local.force
}

resource "aws_iam_role" "backups" {
  name = "backups"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "backup.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_backup_plan" "weekly" {
  name = "weekly"
  rule {
    rule_name         = "weekly"
    target_vault_name = "elsewhere"
    schedule          = "cron(0 3 ? * 1 *)"
    lifecycle {
      delete_after = 365
    }
  }
}

resource "aws_backup_selection" "weekly" {
  count        = local.selected
  name         = "tables"
  plan_id      = aws_backup_plan.weekly.id
  iam_role_arn = aws_iam_role.backups.arn
  resources    = ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders"]
}
