# the key of the archive stays, switched off or on
resource "aws_kms_key" "archive" {
  description = "archive"
  is_enabled  = local.is_enabled
}

resource "aws_kms_key" "old" {
  count                   = local.routes
  description             = "old"
  deletion_window_in_days = 30
}

resource "aws_sns_topic" "critical" {
  name = local.topic
}

resource "aws_sns_topic" "warning" {
  name         = "warning"
  display_name = local.topic
}

resource "aws_sns_topic_subscription" "critical" {
  count     = local.routes
  topic_arn = aws_sns_topic.warning.arn
  protocol  = "email"
  endpoint  = "somebody@example.org"
}

resource "aws_budgets_budget" "month" {
  count        = local.routes
  name         = "month"
  budget_type  = "COST"
  limit_amount = "100"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
}
