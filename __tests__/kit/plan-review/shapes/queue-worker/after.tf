locals {
  visibility = 180
  redrive    = false
  timeout    = 300
  batch      = 1
  responses  = []
}
