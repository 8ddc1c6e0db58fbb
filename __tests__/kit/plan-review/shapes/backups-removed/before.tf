locals {
  vault    = "tables"
  force    = false
  selected = 1
}

resource "aws_backup_plan" "monthly" {
  name = "monthly"
  rule {
    rule_name         = "monthly"
    target_vault_name = aws_backup_vault.tables.name
    schedule          = "cron(0 3 1 * ? *)"
    lifecycle {
      delete_after = 365
    }
  }
}
