variable "name" {
  description = "First part of the secrets' names."
  type        = string
}

variable "key_arn" {
  description = "Key that encrypts the secrets."
  type        = string
}

variable "versions" {
  description = "Numbers of the drawn secrets: a higher one draws it anew."
  type = object({
    secret_key           = number
    application_password = number
    master_password      = number
  })
}

variable "recovery_window_days" {
  description = "How many days a deleted secret can be brought back; 0 deletes it at once."
  type        = number

  validation {
    condition     = var.recovery_window_days == 0 || (var.recovery_window_days >= 7 && var.recovery_window_days <= 30)
    error_message = "Secrets Manager takes 0, or 7 to 30 days."
  }
}

variable "database" {
  description = "Name of the database."
  type        = string
}

variable "database_role" {
  description = "Role of the application in PostgreSQL."
  type        = string
}

variable "database_hosts" {
  description = "Host names of the database, by the setting that takes their URL."
  type        = map(string)
}
