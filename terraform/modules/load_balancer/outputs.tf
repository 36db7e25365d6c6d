output "role_arn" {
  description = "ARN of the controller's role."
  value       = module.role.arn
}
