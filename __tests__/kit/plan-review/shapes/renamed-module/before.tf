locals {
  stores = { "eu" = "catalogue-eu" }
}
