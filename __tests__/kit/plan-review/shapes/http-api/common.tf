resource "aws_iam_role" "api" {
  name = "api"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "api" {
  name = "api"
  role = aws_iam_role.api.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = local.table_actions, Resource = "arn:aws:dynamodb:eu-west-1:123456789012:table/customers" },
      { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/api:*" },
    ]
  })
}

resource "aws_lambda_function" "api" {
  function_name                  = "api"
  role                           = aws_iam_role.api.arn
  runtime                        = local.runtime
  handler                        = "index.handler"
  filename                       = "code.zip"
  source_code_hash               = local.hash
  timeout                        = local.timeout
  memory_size                    = 512
  reserved_concurrent_executions = local.reserved
  environment {
    variables = { TABLE = "customers", LOG_LEVEL = local.level }
  }
}

resource "aws_apigatewayv2_api" "api" {
  name          = "customers"
  protocol_type = "HTTP"
  cors_configuration {
    allow_origins = local.origins
    allow_methods = ["GET", "POST"]
  }
}

resource "aws_apigatewayv2_integration" "api" {
  api_id                 = aws_apigatewayv2_api.api.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.api.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_authorizer" "users" {
  api_id           = aws_apigatewayv2_api.api.id
  name             = "users"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]
  jwt_configuration {
    audience = ["customers"]
    issuer   = "https://login.example.org"
  }
}

resource "aws_apigatewayv2_route" "customers" {
  api_id             = aws_apigatewayv2_api.api.id
  route_key          = "ANY /customers/{id}"
  target             = "integrations/${aws_apigatewayv2_integration.api.id}"
  authorization_type = local.auth
  authorizer_id      = local.auth == "JWT" ? aws_apigatewayv2_authorizer.users.id : null
}

resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.api.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = local.source
}
