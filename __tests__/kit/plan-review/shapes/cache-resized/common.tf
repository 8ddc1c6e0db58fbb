resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "sessions"
  engine                     = "redis"
  engine_version             = local.engine
  node_type                  = local.type
  num_cache_clusters         = local.nodes
  automatic_failover_enabled = local.nodes > 1
  multi_az_enabled           = local.nodes > 1
  at_rest_encryption_enabled = local.rest
  transit_encryption_enabled = local.transit
  snapshot_retention_limit   = local.snapshots
  parameter_group_name       = "default.redis7"
  apply_immediately          = true
}

resource "aws_elasticache_cluster" "rates" {
  cluster_id      = "rates"
  engine          = "memcached"
  node_type       = local.type
  num_cache_nodes = local.nodes
}
