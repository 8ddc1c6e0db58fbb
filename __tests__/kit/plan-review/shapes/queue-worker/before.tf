locals {
  visibility = 180
  redrive    = true
  timeout    = 30
  batch      = 10
  responses  = ["ReportBatchItemFailures"]
}
