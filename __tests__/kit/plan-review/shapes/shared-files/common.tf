resource "aws_vpc" "main" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "private" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 4, count.index)
  availability_zone = ["eu-west-1a", "eu-west-1b"][count.index]
}

resource "aws_efs_file_system" "home" {
  creation_token  = "home"
  encrypted       = local.encrypted
  throughput_mode = local.throughput
  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }
}

resource "aws_efs_backup_policy" "home" {
  file_system_id = aws_efs_file_system.home.id
  backup_policy {
    status = local.backup
  }
}

resource "aws_efs_mount_target" "home" {
  count          = 2
  file_system_id = aws_efs_file_system.home.id
  subnet_id      = aws_subnet.private[count.index].id
}

resource "aws_efs_file_system_policy" "home" {
  file_system_id = aws_efs_file_system.home.id
  policy         = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
