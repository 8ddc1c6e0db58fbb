resource "aws_kms_key" "data" {
  description             = "data"
  deletion_window_in_days = 7
  enable_key_rotation     = true
}

resource "aws_kms_alias" "data" {
  name          = "alias/data"
  target_key_id = aws_kms_key.data.key_id
}

locals {
  topic_key        = aws_kms_key.data.arn
  algorithm        = "aws:kms"
  bucket_key       = aws_kms_key.data.arn
  volume_encrypted = true
}
