resource "aws_vpc" "main" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "private" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 4, count.index)
  availability_zone = ["eu-west-1a", "eu-west-1b"][count.index]
}

resource "aws_s3_bucket" "trail" {
  bucket = "example-org-trail"
}

resource "aws_cloudtrail" "all" {
  name                          = "all"
  s3_bucket_name                = aws_s3_bucket.trail.id
  is_multi_region_trail         = local.everywhere
  include_global_service_events = true
  enable_log_file_validation    = local.validated
  enable_logging                = local.on
}

resource "aws_guardduty_detector" "main" {
  count  = local.on ? 1 : 0
  enable = true
}

resource "aws_flow_log" "main" {
  count                = local.on ? 1 : 0
  vpc_id               = aws_vpc.main.id
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = aws_s3_bucket.trail.arn
}

resource "aws_s3_bucket_lifecycle_configuration" "trail" {
  bucket = aws_s3_bucket.trail.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {}
    expiration {
      days = local.days
    }
    noncurrent_version_expiration {
      noncurrent_days = local.days
    }
  }
}

resource "aws_backup_plan" "daily" {
  name = "daily"
  rule {
    rule_name         = "daily"
    target_vault_name = "main"
    schedule          = "cron(0 2 * * ? *)"
    lifecycle {
      delete_after = local.days
    }
  }
}
