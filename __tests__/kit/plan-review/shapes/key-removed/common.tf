resource "aws_sns_topic" "alerts" {
  name              = "alerts"
  kms_master_key_id = local.topic_key
}

resource "aws_s3_bucket" "exports" {
  bucket = "example-org-exports"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "exports" {
  bucket = aws_s3_bucket.exports.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = local.algorithm
      kms_master_key_id = local.bucket_key
    }
  }
}

resource "aws_ebs_volume" "scratch" {
  availability_zone = "eu-west-1a"
  size              = 100
  encrypted         = local.volume_encrypted
}
