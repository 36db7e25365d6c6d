variable "name" {
  description = "Name of the instance, and first part of its parts' names."
  type        = string
}

variable "vpc_id" {
  description = "Network of the database."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the database, in several zones."
  type        = list(string)
}

variable "client_security_group_id" {
  description = "Group of those who may connect."
  type        = string
}

variable "engine_version" {
  description = "Major version of PostgreSQL; RDS chooses and raises the minor one."
  type        = string
}

variable "allow_major_version_upgrade" {
  description = "Whether a higher major version in engine_version is applied rather than refused."
  type        = bool
}

variable "instance_class" {
  description = "Instance class of the primary and the replica."
  type        = string
}

variable "storage_gb" {
  description = "Storage at the start, in GB."
  type        = number
}

variable "storage_limit_gb" {
  description = "Up to how many GB the storage grows by itself."
  type        = number
}

variable "database" {
  description = "Name of the database."
  type        = string
}

variable "master_username" {
  description = "Name of the master, which makes the application's role and is used for nothing else."
  type        = string
}

variable "master_password" {
  description = "Password of the master: written, never kept in the state."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "master_password_version" {
  description = "Raised whenever the master's password has changed."
  type        = number
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over when the primary fails."
  type        = bool
}

variable "read_replica" {
  description = "Whether there is a replica for reading."
  type        = bool
}

variable "backup_retention_days" {
  description = "How many days RDS can go back to, to the second."
  type        = number
}

variable "deletion_protection" {
  description = "Whether the database refuses to be deleted."
  type        = bool
}

variable "key_arn" {
  description = "Key that encrypts storage, backups and performance figures."
  type        = string
}

variable "log_key_arn" {
  description = "Key that encrypts the logs."
  type        = string
}

variable "log_retention_days" {
  description = "How many days the logs are kept."
  type        = number
}
