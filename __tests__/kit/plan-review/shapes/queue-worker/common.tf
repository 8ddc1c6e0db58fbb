resource "aws_sqs_queue" "mails" {
  name                       = "mails"
  visibility_timeout_seconds = local.visibility
  message_retention_seconds  = 1209600
  redrive_policy             = local.redrive ? jsonencode({ deadLetterTargetArn = "arn:aws:sqs:eu-west-1:123456789012:mails-dead", maxReceiveCount = 5 }) : null
}

resource "aws_sqs_queue" "dead" {
  count                     = local.redrive ? 1 : 0
  name                      = "mails-dead"
  message_retention_seconds = 1209600
}

resource "aws_iam_role" "sender" {
  name = "mail-sender"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lambda_function" "sender" {
  function_name = "mail-sender"
  role          = aws_iam_role.sender.arn
  runtime       = "python3.12"
  handler       = "main.handler"
  filename      = "code.zip"
  timeout       = local.timeout
}

resource "aws_lambda_event_source_mapping" "mails" {
  event_source_arn        = aws_sqs_queue.mails.arn
  function_name           = aws_lambda_function.sender.arn
  batch_size              = local.batch
  function_response_types = local.responses
}

resource "aws_cloudwatch_metric_alarm" "dead" {
  count               = local.redrive ? 1 : 0
  alarm_name          = "mails-dead"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = "mails-dead" }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  alarm_actions       = ["arn:aws:sns:eu-west-1:123456789012:alerts"]
}
