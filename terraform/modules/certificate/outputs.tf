output "arn" {
  description = "ARN of the certificate."
  value       = aws_acm_certificate.this.arn
}

output "proof" {
  description = "Name to add to the DNS, so that AWS issues the certificate."
  value       = values(local.records)
}
