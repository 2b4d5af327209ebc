output "bucket_name" {
  value       = aws_s3_bucket.this.id
  description = "Where history and reports are"
}

output "function_name" {
  value       = aws_lambda_function.this.function_name
  description = "To run it by hand"
}

output "alarm_topic_arn" {
  value       = aws_sns_topic.alarms.arn
  description = "To subscribe to"
}
