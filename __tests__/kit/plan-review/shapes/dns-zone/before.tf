locals {
  zone   = "example.org"
  force  = false
  target = "shop-1111111111.eu-west-1.elb.amazonaws.com"
  health = true
  ttl    = 3600
  spf    = 1
}
