locals {
  stores = { "europe" = "catalogue-eu" }
}
