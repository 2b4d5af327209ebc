resource "aws_iam_role" "function" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# What `tenken permissions` prints; `make generated` writes the file.
resource "aws_iam_role_policy" "audit" {
  name   = "audit"
  role   = aws_iam_role.function.id
  policy = file("${path.module}/permissions.json")
}

resource "aws_iam_role_policy" "keep" {
  name = "keep"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "KeepsHistoryAndReports"
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject"]
          Resource = ["${aws_s3_bucket.this.arn}/history/*", "${aws_s3_bucket.this.arn}/reports/*"]
        },
        # Without it, S3 says of a missing history that it is forbidden.
        {
          Sid      = "TellsMissingFromForbidden"
          Effect   = "Allow"
          Action   = ["s3:ListBucket"]
          Resource = [aws_s3_bucket.this.arn]
        },
        {
          Sid      = "WritesItsLog"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
        },
        {
          Sid      = "LeavesFailedRuns"
          Effect   = "Allow"
          Action   = ["sqs:SendMessage"]
          Resource = [aws_sqs_queue.dead_letters.arn]
        },
      ],
      var.config == null ? [] : [{
        Sid      = "ReadsItsConfiguration"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${aws_s3_bucket.this.arn}/tenken.toml"]
      }],
      var.audit_role_arn == null ? [] : [{
        Sid      = "AuditsAnotherAccount"
        Effect   = "Allow"
        Action   = ["sts:AssumeRole"]
        Resource = [var.audit_role_arn]
      }],
      var.slack_parameter == null ? [] : [{
        Sid      = "ReadsSlacksAddress"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter"]
        Resource = ["arn:${local.partition}:ssm:${local.region}:${local.account}:parameter${var.slack_parameter}"]
      }],
      var.slack_kms_key_arn == null ? [] : [{
        Sid      = "DecryptsSlacksAddress"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [var.slack_kms_key_arn]
      }],
    )
  })
}

resource "aws_iam_role" "schedule" {
  name = "${var.name}-schedule"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "start" {
  name = "start"
  role = aws_iam_role.schedule.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [aws_lambda_function.this.arn]
      },
      {
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [aws_sqs_queue.dead_letters.arn]
      },
    ]
  })
}
