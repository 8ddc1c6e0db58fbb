locals {
  everywhere = false
  validated  = false
  on         = false
  days       = 30
}
