variable "domain" {
  description = "Host name of the site."
  type        = string
}

variable "hosted_zone_id" {
  description = "Route 53 zone of the domain; null where another DNS has it."
  type        = string
}
