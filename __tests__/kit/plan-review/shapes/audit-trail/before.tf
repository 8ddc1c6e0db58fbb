locals {
  everywhere = true
  validated  = true
  on         = true
  days       = 365
}
