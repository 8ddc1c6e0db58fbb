locals {
  audiences = ["sts.amazonaws.com"]
  test      = "StringEquals"
  subjects  = ["repo:example-org/infra:environment:production"]
  seconds   = 3600
  boundary  = "arn:aws:iam::123456789012:policy/boundary"
}
