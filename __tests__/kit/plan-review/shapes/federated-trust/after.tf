locals {
  audiences = ["sts.amazonaws.com"]
  test      = "StringLike"
  subjects  = ["repo:example-org/*"]
  seconds   = 43200
  boundary  = null
}
