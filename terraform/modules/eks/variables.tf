variable "name" {
  description = "Name of the cluster, and first part of its parts' names."
  type        = string
}

variable "kubernetes_version" {
  description = "Kubernetes of the control plane and the nodes, as in 1.35."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of the control plane's interfaces and of the nodes."
  type        = list(string)
}

variable "public_endpoint_cidrs" {
  description = "From where the control plane is reached over the internet; from nowhere if empty."
  type        = list(string)
}

variable "administrators" {
  description = "ARNs of the IAM roles and users that may do everything in the cluster."
  type        = set(string)
}

variable "node_instance_types" {
  description = "Instance types of the nodes, all of one architecture."
  type        = list(string)
}

variable "node_architecture" {
  description = "Architecture of the nodes: arm64 or x86_64."
  type        = string

  validation {
    condition     = contains(["arm64", "x86_64"], var.node_architecture)
    error_message = "The architecture is arm64 or x86_64."
  }
}

variable "node_count" {
  description = "How many nodes there are."
  type        = number
}

variable "node_disk_gb" {
  description = "Disk of each node in GB: images and containers' own files."
  type        = number
  default     = 40
}

variable "deletion_protection" {
  description = "Whether the cluster refuses to be deleted."
  type        = bool
}

variable "key_arn" {
  description = "Key that encrypts Kubernetes' secrets."
  type        = string
}

variable "log_key_arn" {
  description = "Key that encrypts the control plane's logs."
  type        = string
}

variable "log_retention_days" {
  description = "How many days the control plane's logs are kept."
  type        = number
}

variable "tags" {
  description = "Tags of the nodes, their disks and interfaces."
  type        = map(string)
}
