resource "aws_route53_zone" "main" {
  name          = local.zone
  force_destroy = local.force
}

resource "aws_route53_record" "www" {
  zone_id = aws_route53_zone.main.zone_id
  name    = "www"
  type    = "A"
  alias {
    name                   = local.target
    zone_id                = "Z32O12XQLNTSW2"
    evaluate_target_health = local.health
  }
}

resource "aws_route53_record" "mail" {
  zone_id = aws_route53_zone.main.zone_id
  name    = ""
  type    = "MX"
  ttl     = local.ttl
  records = ["10 mail.example.net"]
}

resource "aws_route53_record" "spf" {
  count   = local.spf
  zone_id = aws_route53_zone.main.zone_id
  name    = ""
  type    = "TXT"
  ttl     = 3600
  records = ["v=spf1 include:example.net -all"]
}

resource "aws_route53_health_check" "www" {
  count             = local.spf
  fqdn              = "www.example.org"
  type              = "HTTPS"
  port              = 443
  request_interval  = 30
  failure_threshold = 3
}
