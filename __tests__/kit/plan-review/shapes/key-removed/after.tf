locals {
  topic_key        = "alias/aws/sns"
  algorithm        = "AES256"
  bucket_key       = null
  volume_encrypted = false
}
