variable "name" {
  description = "First part of the buckets' names; S3 adds what makes them unique in the world."
  type        = string

  validation {
    condition     = length(var.name) <= 24
    error_message = "Of the 37 characters of a bucket's prefix 24 are left for the name."
  }
}

variable "key_arn" {
  description = "Key that encrypts the backups."
  type        = string
}

variable "retention_days" {
  description = "How many days a backup is kept."
  type        = number
}

variable "log_retention_days" {
  description = "How many days the access log is kept."
  type        = number
}

variable "force_destroy" {
  description = "Whether the buckets are deleted with all that is in them."
  type        = bool
}
