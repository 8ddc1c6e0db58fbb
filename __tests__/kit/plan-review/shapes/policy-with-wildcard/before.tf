locals {
  actions   = ["s3:GetObject", "s3:ListBucket"]
  resources = ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]
  denied    = [1]
  passed    = "arn:aws:iam::123456789012:role/reports-task"
  where     = { ArnEquals = { "ecs:cluster" = "arn:aws:ecs:eu-west-1:123456789012:cluster/main" } }
  robots    = 0
}
