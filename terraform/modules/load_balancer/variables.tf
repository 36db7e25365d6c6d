variable "cluster_name" {
  description = "Name of the cluster."
  type        = string
}

variable "cluster_security_group_id" {
  description = "Group of the nodes and pods, which the load balancer must reach."
  type        = string
}

variable "vpc_id" {
  description = "Network of the cluster."
  type        = string
}
