locals {
  days     = 90
  type     = "STANDARD"
  seconds  = 120
  retry    = [{ ErrorEquals = ["States.TaskFailed"], MaxAttempts = 3 }]
  level    = "ALL"
  schedule = "cron(0 3 * * ? *)"
  rule     = "ENABLED"
}
