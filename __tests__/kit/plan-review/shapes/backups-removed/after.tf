locals {
  vault    = "all-tables"
  force    = true
  selected = 0
}
