resource "aws_iam_role" "orders" {
  name = "orders"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "states.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/aws/vendedlogs/states/orders"
  retention_in_days = local.days
}

resource "aws_sfn_state_machine" "orders" {
  name     = "orders"
  role_arn = aws_iam_role.orders.arn
  type     = local.type
  definition = jsonencode({
    StartAt = "Charge"
    States = {
      Charge = {
        Type           = "Task"
        Resource       = "arn:aws:states:::lambda:invoke"
        Parameters     = { FunctionName = "charge", "Payload.$" = "$" }
        TimeoutSeconds = local.seconds
        Retry          = local.retry
        Next           = "Ship"
      }
      Ship = { Type = "Task", Resource = "arn:aws:states:::sqs:sendMessage", Parameters = { QueueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/ship", "MessageBody.$" = "$" }, End = true }
    }
  })
  logging_configuration {
    level                  = local.level
    include_execution_data = false
    log_destination        = local.level == "OFF" ? null : "${aws_cloudwatch_log_group.orders.arn}:*"
  }
}

resource "aws_lambda_function" "charge" {
  function_name = "charge"
  role          = aws_iam_role.orders.arn
  runtime       = "nodejs20.x"
  handler       = "index.handler"
  filename      = "code.zip"
  timeout       = 60
}

resource "aws_cloudwatch_event_rule" "nightly" {
  name                = "orders-nightly"
  schedule_expression = local.schedule
  state               = local.rule
}

resource "aws_cloudwatch_event_target" "nightly" {
  rule     = aws_cloudwatch_event_rule.nightly.name
  arn      = aws_sfn_state_machine.orders.arn
  role_arn = aws_iam_role.orders.arn
}
