locals {
  image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1.5.0"
  port  = 3000
  count = 2
  cert  = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-1111-1111-1111-111111111111"
}
