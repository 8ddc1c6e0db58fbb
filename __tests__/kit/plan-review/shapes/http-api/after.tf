locals {
  table_actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:DeleteItem"]
  runtime       = "nodejs20.x"
  hash          = "bmV3"
  timeout       = 29
  reserved      = 10
  level         = "debug"
  origins       = ["*"]
  auth          = "NONE"
  source        = null
}
