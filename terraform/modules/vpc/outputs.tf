output "id" {
  description = "Id of the network."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "Subnets of the nodes and pods, one per zone."
  value       = [for zone in var.zones : aws_subnet.private[zone].id]
}

output "database_subnet_ids" {
  description = "Subnets of the database, one per zone."
  value       = [for zone in var.zones : aws_subnet.database[zone].id]
}

output "public_cidrs" {
  description = "Addresses of the public subnets: from there the load balancer speaks to the pods."
  value       = [for zone in var.zones : local.public_cidrs[zone]]
}

output "database_cidrs" {
  description = "Addresses of the database's subnets: there the pods speak to PostgreSQL."
  value       = [for zone in var.zones : local.database_cidrs[zone]]
}

output "nat_addresses" {
  description = "Public addresses from which the pods reach the internet: a mail server may want them."
  value       = [for address in aws_eip.nat : address.public_ip]
}
