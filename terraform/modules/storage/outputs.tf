output "bucket" {
  description = "Name of the bucket of backups."
  value       = aws_s3_bucket.backups.id
}

output "write_policy" {
  description = "Policy document of whoever writes backups."
  value       = data.aws_iam_policy_document.write.json
}
