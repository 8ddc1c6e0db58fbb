resource "aws_dynamodb_table" "events" {
  name                        = "events"
  billing_mode                = "PROVISIONED"
  read_capacity               = 20
  write_capacity              = 10
  hash_key                    = "device"
  range_key                   = "at"
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = true
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
    enabled = true
  }
  ttl {
    attribute_name = "expires"
    enabled        = true
  }
  global_secondary_index {
    name            = "by-site"
    hash_key        = "site"
    range_key       = "at"
    projection_type = "ALL"
    read_capacity   = 20
    write_capacity  = 10
  }
}

resource "aws_appautoscaling_target" "events" {
  count              = 1
  service_namespace  = "dynamodb"
  resource_id        = "table/events"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  min_capacity       = 20
  max_capacity       = 200
}
