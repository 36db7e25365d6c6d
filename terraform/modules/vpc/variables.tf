variable "name" {
  description = "Name of the network, and first part of its parts' names."
  type        = string
}

variable "cidr" {
  description = "Addresses of the network."
  type        = string
}

variable "zones" {
  description = "Availability zones, three of them."
  type        = list(string)
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones rather than one in each: cheaper, but gone with its zone."
  type        = bool
}

variable "log_retention_days" {
  description = "How many days the flow logs are kept."
  type        = number
}

variable "log_key_arn" {
  description = "Key that encrypts the flow logs."
  type        = string
}
