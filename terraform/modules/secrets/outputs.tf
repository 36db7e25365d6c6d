output "master_password" {
  description = "Password of the database's master, as it is stored."
  value       = ephemeral.aws_secretsmanager_secret_version.drawn["master-password"].secret_string
  sensitive   = true
  ephemeral   = true
}

output "names" {
  description = "Names of the secrets, by what they hold."
  value       = { for key, secret in aws_secretsmanager_secret.this : key => secret.name }
}
