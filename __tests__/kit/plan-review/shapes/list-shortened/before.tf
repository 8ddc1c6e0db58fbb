locals {
  tenants = ["alpha", "beta", "gamma"]
}
