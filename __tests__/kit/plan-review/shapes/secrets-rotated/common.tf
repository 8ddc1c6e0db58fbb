variable "token" {
  type      = string
  sensitive = true
  default   = "a-made-up-token"
}

resource "aws_secretsmanager_secret" "token" {
  name                    = "payments/token"
  recovery_window_in_days = local.window
  kms_key_id              = local.key
}

resource "aws_secretsmanager_secret_version" "token" {
  secret_id     = aws_secretsmanager_secret.token.id
  secret_string = jsonencode({ token = var.token })
}

resource "aws_secretsmanager_secret_rotation" "token" {
  count               = local.rotated ? 1 : 0
  secret_id           = aws_secretsmanager_secret.token.id
  rotation_lambda_arn = "arn:aws:lambda:eu-west-1:123456789012:function:rotate"
  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_secretsmanager_secret_policy" "token" {
  secret_arn = aws_secretsmanager_secret.token.arn
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = local.readers }, Action = "secretsmanager:GetSecretValue", Resource = "*" }]
  })
}

resource "aws_ssm_parameter" "webhook" {
  name  = "/payments/webhook"
  type  = local.parameter
  value = "https://hooks.example.org/${var.token}"
}
