# --- Cluster -----------------------------------------------------------------------------------

output "cluster_name" {
  description = "Name of the cluster."
  value       = module.eks.name
}

output "cluster_endpoint" {
  description = "Address of the control plane."
  value       = module.eks.endpoint
}

output "kubeconfig_command" {
  description = "Brings the cluster into kubectl's configuration."
  value       = "aws eks update-kubeconfig --region ${var.region} --name ${module.eks.name}"
}

output "vpc_id" {
  description = "Id of the network: the load balancer controller asks for it."
  value       = module.vpc.id
}

output "nat_addresses" {
  description = "Addresses from which the pods reach the internet: a mail server may want to know them."
  value       = module.vpc.nat_addresses
}

# --- For the overlay k8s/overlays/aws ----------------------------------------------------------

output "image" {
  description = "Address of the registry's repository, to which a tag is added."
  value       = module.registry.url
}

output "domain" {
  description = "Host name of the site."
  value       = var.domain
}

output "certificate_arn" {
  description = "Certificate for the load balancer."
  value       = module.certificate.arn
}

output "certificate_proof" {
  description = "Name to add to the DNS where hosted_zone_id is null, so that the certificate is issued."
  value       = module.certificate.proof
}

output "load_balancer_cidrs" {
  description = "From where the load balancer speaks to the pods: the network policy of visitors."
  value       = module.vpc.public_cidrs
}

output "database_cidrs" {
  description = "Where PostgreSQL is: the network policy of the database."
  value       = module.vpc.database_cidrs
}

output "backup_bucket" {
  description = "Bucket of the site's own backups."
  value       = module.storage.bucket
}

output "region" {
  description = "Region of all this."
  value       = var.region
}

# --- Database and secrets ----------------------------------------------------------------------

output "database_host" {
  description = "Host name of the database."
  value       = module.rds.host
}

output "database_replica_host" {
  description = "Host name of the read replica; null if there is none."
  value       = module.rds.replica_host
}

output "secret_names" {
  description = "Names in Secrets Manager, by what they hold. The values are nowhere else."
  value       = module.secrets.names
}
