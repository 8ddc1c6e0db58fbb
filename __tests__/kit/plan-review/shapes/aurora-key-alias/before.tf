locals {
  key = "arn:aws:kms:eu-west-1:123456789012:key/1d6d4960-d22b-4a48-b479-111111111111"
}
