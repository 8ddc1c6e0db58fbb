locals {
  image     = "ami-0bbbbbbbbbbbbbbbb"
  type      = "m7g.large"
  user_data = "#!/bin/sh\nsystemctl start web --v2\n"
  encrypted = false
  min       = 2
  max       = 8
  desired   = 3
  health    = "EC2"
  healthy   = 0
}
