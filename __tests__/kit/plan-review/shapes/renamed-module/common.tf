module "store" {
  for_each = local.stores
  source   = "./store"
  name     = each.value
}
