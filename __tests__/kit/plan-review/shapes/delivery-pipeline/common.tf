resource "aws_ecr_repository" "app" {
  name                 = "app"
  image_tag_mutability = local.mutability
  force_delete         = local.force
  image_scanning_configuration {
    scan_on_push = local.scan
  }
}

resource "aws_ecr_lifecycle_policy" "app" {
  repository = aws_ecr_repository.app.name
  policy = jsonencode({
    rules = [{ rulePriority = 1, description = "few", selection = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = local.images }, action = { type = "expire" } }]
  })
}

resource "aws_iam_role" "build" {
  name = "build"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "codebuild.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "build" {
  role       = aws_iam_role.build.name
  policy_arn = "arn:aws:iam::aws:policy/${local.policy}"
}

resource "aws_codebuild_project" "app" {
  name         = "app"
  service_role = aws_iam_role.build.arn
  artifacts {
    type = "CODEPIPELINE"
  }
  environment {
    compute_type    = "BUILD_GENERAL1_SMALL"
    image           = "aws/codebuild/amazonlinux2-x86_64-standard:5.0"
    type            = "LINUX_CONTAINER"
    privileged_mode = local.privileged
    environment_variable {
      name  = "NPM_TOKEN"
      type  = local.token_type
      value = local.token
    }
  }
  source {
    type = "CODEPIPELINE"
  }
}

resource "aws_codepipeline" "app" {
  name     = "app"
  role_arn = aws_iam_role.build.arn
  artifact_store {
    type     = "S3"
    location = "example-org-artefacts"
  }
  stage {
    name = "Source"
    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["source"]
      configuration = {
        ConnectionArn    = "arn:aws:codestar-connections:eu-west-1:123456789012:connection/44444444-4444-4444-4444-444444444444"
        FullRepositoryId = "example-org/app"
        BranchName       = local.branch
      }
    }
  }
  dynamic "stage" {
    for_each = local.approval
    content {
      name = "Approve"
      action {
        name     = "Approve"
        category = "Approval"
        owner    = "AWS"
        provider = "Manual"
        version  = "1"
      }
    }
  }
  stage {
    name = "Build"
    action {
      name            = "Build"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source"]
      configuration   = { ProjectName = aws_codebuild_project.app.name }
    }
  }
}
