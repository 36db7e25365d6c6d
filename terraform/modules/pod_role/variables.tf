variable "name" {
  description = "Name of the role."
  type        = string
}

variable "cluster_name" {
  description = "Name of the cluster."
  type        = string
}

variable "namespace" {
  description = "Namespace of the pods."
  type        = string
}

variable "service_account" {
  description = "Service account of the pods."
  type        = string
}

variable "policy" {
  description = "What they may do: a policy document in JSON."
  type        = string
}
