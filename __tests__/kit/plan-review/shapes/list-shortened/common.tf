resource "aws_s3_bucket" "tenant" {
  count  = length(local.tenants)
  bucket = "example-org-${local.tenants[count.index]}"
}

resource "aws_s3_bucket_versioning" "tenant" {
  count  = length(local.tenants)
  bucket = aws_s3_bucket.tenant[count.index].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_iam_user" "tenant" {
  count = length(local.tenants)
  name  = local.tenants[count.index]
}

resource "aws_iam_access_key" "tenant" {
  count = length(local.tenants)
  user  = aws_iam_user.tenant[count.index].name
}
