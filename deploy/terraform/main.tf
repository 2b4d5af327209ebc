data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account     = data.aws_caller_identity.current.account_id
  partition   = data.aws_partition.current.partition
  region      = data.aws_region.current.name
  bucket_name = "${var.name}-${local.account}-${local.region}"
}

# History, reports, snapshots. They say what is wrong with the account: nobody else may read them.
resource "aws_s3_bucket" "this" {
  bucket = local.bucket_name
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "reports"
    status = "Enabled"

    filter {
      prefix = "reports/"
    }

    expiration {
      days = var.report_days
    }
  }

  rule {
    id     = "earlier-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 90
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyEncryptedConnections"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_object" "config" {
  count        = var.config == null ? 0 : 1
  bucket       = aws_s3_bucket.this.id
  key          = "tenken.toml"
  content      = var.config
  content_type = "application/toml"
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/tenken/${var.name}"
  retention_in_days = var.log_days
}

# Schedules that could not start a run, and runs that failed with all their retries.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_lambda_function" "this" {
  function_name    = var.name
  description      = "Audits the account and tells what changed"
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  role             = aws_iam_role.function.arn
  memory_size      = 512
  timeout          = 900

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  environment {
    variables = {
      for name, value in {
        TENKEN_REGIONS     = join(",", var.regions)
        TENKEN_HISTORY     = "s3://${aws_s3_bucket.this.id}/history/history.json"
        TENKEN_REPORT      = "s3://${aws_s3_bucket.this.id}/reports/"
        TENKEN_LANG        = var.lang
        TENKEN_ROLE_ARN    = var.audit_role_arn
        TENKEN_EXTERNAL_ID = var.audit_external_id
        TENKEN_CONFIG      = var.config == null ? null : "s3://${aws_s3_bucket.this.id}/tenken.toml"
        TENKEN_NOTIFY      = var.slack_parameter == null ? null : "slack"
        # Where the address is kept, never the address itself.
        TENKEN_SLACK = var.slack_parameter == null ? null : "ssm:${var.slack_parameter}"
      } : name => value if value != null
    }
  }

  depends_on = [aws_iam_role_policy.audit, aws_iam_role_policy.keep]
}

resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = aws_lambda_function.this.function_name
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = 3600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters.arn
    }
  }
}

resource "aws_scheduler_schedule" "this" {
  name                         = var.name
  description                  = "Starts tenken"
  schedule_expression          = var.schedule_expression
  schedule_expression_timezone = var.schedule_timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.this.arn
    role_arn = aws_iam_role.schedule.arn
    input    = "{}"

    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 3600
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }
  }
}
