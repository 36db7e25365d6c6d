variable "name" {
  description = "Alias of the key, without its prefix."
  type        = string
}

variable "description" {
  description = "What the key encrypts."
  type        = string
}

variable "for_logs" {
  description = "Whether CloudWatch Logs may use the key."
  type        = bool
  default     = false
}
