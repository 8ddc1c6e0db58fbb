locals {
  table_actions = ["dynamodb:GetItem", "dynamodb:PutItem"]
  runtime       = "nodejs18.x"
  hash          = "b2xk"
  timeout       = 10
  reserved      = 50
  level         = "info"
  origins       = ["https://www.example.org"]
  auth          = "JWT"
  source        = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/*"
}
