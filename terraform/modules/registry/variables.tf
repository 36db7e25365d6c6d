variable "name" {
  description = "Name of the repository."
  type        = string
}

variable "key_arn" {
  description = "Key that encrypts the images."
  type        = string
}

variable "force_delete" {
  description = "Whether the repository is deleted with all its images."
  type        = bool
}
