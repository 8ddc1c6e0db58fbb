resource "aws_iam_role" "reports" {
  name = "reports"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

data "aws_iam_policy_document" "reports" {
  statement {
    actions   = local.actions
    resources = local.resources
  }
  dynamic "statement" {
    for_each = local.denied
    content {
      effect    = "Deny"
      actions   = ["s3:DeleteObject"]
      resources = ["*"]
    }
  }
}

resource "aws_iam_policy" "reports" {
  name   = "reports"
  policy = data.aws_iam_policy_document.reports.json
}

resource "aws_iam_role_policy_attachment" "reports" {
  role       = aws_iam_role.reports.name
  policy_arn = aws_iam_policy.reports.arn
}

resource "aws_iam_role_policy" "start" {
  name = "start"
  role = aws_iam_role.reports.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "iam:PassRole", Resource = local.passed },
      { Effect = "Allow", Action = "ecs:RunTask", Resource = "*", Condition = local.where },
    ]
  })
}

resource "aws_iam_user" "robot" {
  name = "reports-robot"
}

resource "aws_iam_user_policy_attachment" "robot" {
  count      = local.robots
  user       = aws_iam_user.robot.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}
