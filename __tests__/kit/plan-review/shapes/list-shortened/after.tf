locals {
  tenants = ["beta", "gamma"]
}
