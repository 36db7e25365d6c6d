# Budgeomètre on AWS: a network over three zones, a Kubernetes cluster in it, PostgreSQL beside it.
# What runs in the cluster is not made here but by `kubectl apply -k k8s/overlays/aws`.

locals {
  name = "budgeometre-${var.environment}"
  tags = {
    Project     = "budgeometre"
    Environment = var.environment
    ManagedBy   = "terraform"
  }

  # The names that the application and its overlay know.
  namespace     = "budgeometre"
  database      = "budget"
  database_role = "budget"
}

module "key" {
  source   = "./modules/key"
  for_each = local.keys

  name        = "${local.name}-${each.key}"
  description = each.value
  for_logs    = each.key == "logs"
}

locals {
  keys = {
    backups  = "Backups in S3"
    cluster  = "Secrets in Kubernetes"
    database = "PostgreSQL's storage, snapshots and performance figures"
    images   = "Images in the registry"
    logs     = "Logs in CloudWatch"
    secrets  = "Secrets Manager"
  }
}

module "vpc" {
  source = "./modules/vpc"

  name               = local.name
  cidr               = var.vpc_cidr
  zones              = [for letter in var.zones : "${var.region}${letter}"]
  single_nat_gateway = var.single_nat_gateway
  log_retention_days = var.log_retention_days
  log_key_arn        = module.key["logs"].arn
}

module "eks" {
  source = "./modules/eks"

  name                  = local.name
  kubernetes_version    = var.kubernetes_version
  subnet_ids            = module.vpc.private_subnet_ids
  public_endpoint_cidrs = var.public_endpoint_cidrs
  administrators        = var.administrators
  node_instance_types   = var.node_instance_types
  node_architecture     = var.node_architecture
  node_count            = var.node_count
  deletion_protection   = var.deletion_protection
  key_arn               = module.key["cluster"].arn
  log_key_arn           = module.key["logs"].arn
  log_retention_days    = var.log_retention_days
  tags                  = local.tags
}

module "load_balancer" {
  source = "./modules/load_balancer"

  cluster_name              = module.eks.name
  cluster_security_group_id = module.eks.security_group_id
  vpc_id                    = module.vpc.id
}

module "certificate" {
  source = "./modules/certificate"

  domain         = var.domain
  hosted_zone_id = var.hosted_zone_id
}

module "registry" {
  source = "./modules/registry"

  name         = local.name
  key_arn      = module.key["images"].arn
  force_delete = !var.deletion_protection
}

module "secrets" {
  source = "./modules/secrets"

  name                 = local.name
  key_arn              = module.key["secrets"].arn
  versions             = var.secret_versions
  recovery_window_days = var.deletion_protection ? 30 : 0
  database             = local.database
  database_role        = local.database_role
  database_hosts = merge(
    { DATABASE_URL = module.rds.host },
    var.read_replica ? { DATABASE_REPLICA_URL = module.rds.replica_host } : {},
  )
}

module "rds" {
  source = "./modules/rds"

  name                        = local.name
  vpc_id                      = module.vpc.id
  subnet_ids                  = module.vpc.database_subnet_ids
  client_security_group_id    = module.eks.security_group_id
  engine_version              = var.postgresql_version
  allow_major_version_upgrade = var.allow_major_version_upgrade
  instance_class              = var.database_instance_class
  storage_gb                  = var.database_storage_gb
  storage_limit_gb            = var.database_storage_limit_gb
  database                    = local.database
  master_username             = "budget_master"
  master_password             = module.secrets.master_password
  master_password_version     = var.secret_versions.master_password
  multi_az                    = var.database_multi_az
  read_replica                = var.read_replica
  backup_retention_days       = var.database_backup_retention_days
  deletion_protection         = var.deletion_protection
  key_arn                     = module.key["database"].arn
  log_key_arn                 = module.key["logs"].arn
  log_retention_days          = var.log_retention_days
}

module "storage" {
  source = "./modules/storage"

  name               = local.name
  key_arn            = module.key["backups"].arn
  retention_days     = var.backup_retention_days
  log_retention_days = var.log_retention_days
  force_destroy      = !var.deletion_protection
}

module "backup_role" {
  source = "./modules/pod_role"

  name            = "${local.name}-backup"
  cluster_name    = module.eks.name
  namespace       = local.namespace
  service_account = "backup"
  policy          = module.storage.write_policy
}
