locals {
  actions   = ["s3:*"]
  resources = ["*"]
  denied    = []
  passed    = "*"
  where     = {}
  robots    = 1
}
