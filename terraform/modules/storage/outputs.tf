output "bucket" {
  description = "Name of the bucket of back-ups."
  value       = aws_s3_bucket.backups.id
}

output "write_policy" {
  description = "Policy document of whoever writes back-ups."
  value       = data.aws_iam_policy_document.write.json
}
