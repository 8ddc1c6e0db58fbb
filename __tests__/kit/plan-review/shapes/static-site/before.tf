locals {
  protocol = "redirect-to-https"
  tls      = "TLSv1.2_2021"
}

resource "aws_cloudfront_origin_access_identity" "site" {
  comment = "site"
}

data "aws_iam_policy_document" "site" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::example-org-site/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE"]
    }
  }
}
