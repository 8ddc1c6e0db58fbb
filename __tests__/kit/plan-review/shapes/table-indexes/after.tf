resource "aws_dynamodb_table" "events" {
  name                        = "events"
  billing_mode                = "PAY_PER_REQUEST"
  read_capacity               = null
  write_capacity              = null
  hash_key                    = "device"
  range_key                   = "at"
  stream_enabled              = false
  stream_view_type            = null
  deletion_protection_enabled = false
  table_class                 = "STANDARD"
  attribute {
    name = "device"
    type = "S"
  }
  attribute {
    name = "at"
    type = "N"
  }
  attribute {
    name = "site"
    type = "S"
  }
  point_in_time_recovery {
    enabled = false
  }
  ttl {
    attribute_name = "ttl"
    enabled        = true
  }
  global_secondary_index {
    name            = "by-site"
    hash_key        = "site"
    range_key       = "at"
    projection_type = "KEYS_ONLY"
    read_capacity   = null
    write_capacity  = null
  }
}

resource "aws_appautoscaling_target" "events" {
  count              = 0
  service_namespace  = "dynamodb"
  resource_id        = "table/events"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  min_capacity       = 20
  max_capacity       = 200
}
