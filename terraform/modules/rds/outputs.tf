output "host" {
  description = "Host name of the primary, or of the standby that took over."
  value       = aws_db_instance.primary.address
}

output "replica_host" {
  description = "Host name of the read replica; null if there is none."
  value       = one(aws_db_instance.replica[*].address)
}
