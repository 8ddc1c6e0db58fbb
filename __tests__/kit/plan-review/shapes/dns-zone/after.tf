locals {
  zone   = "example.org"
  force  = true
  target = "shop-2222222222.eu-west-1.elb.amazonaws.com"
  health = false
  ttl    = 60
  spf    = 0
}
