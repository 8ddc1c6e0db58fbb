locals {
  image     = "ami-0aaaaaaaaaaaaaaaa"
  type      = "m6g.large"
  user_data = "#!/bin/sh\nsystemctl start web\n"
  encrypted = true
  min       = 4
  max       = 20
  desired   = 6
  health    = "ELB"
  healthy   = 90
}
