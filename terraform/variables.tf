# --- Where and for whom ------------------------------------------------------------------------

variable "region" {
  description = "AWS region. It must have three availability zones."
  type        = string
  default     = "eu-west-3"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region is written as in eu-west-3."
  }
}

variable "zones" {
  description = "Letters of the three availability zones. They are named, so that a new one of AWS moves nothing."
  type        = list(string)
  default     = ["a", "b", "c"]

  validation {
    condition     = length(distinct(var.zones)) == 3 && alltrue([for letter in var.zones : can(regex("^[a-z]$", letter))])
    error_message = "Three different letters are needed, as in [\"a\", \"b\", \"c\"]."
  }
}

variable "environment" {
  description = "Which of several installations this is: part of all names."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "The environment is 2 to 12 small letters and digits, the first a letter: production, staging."
  }
}

variable "domain" {
  description = "Host name of the site, as people type it."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "The domain is a host name in small letters, without https:// and without a slash."
  }
}

variable "hosted_zone_id" {
  description = "Route 53 zone of the domain, where the certificate proves itself; null where another DNS has it."
  type        = string
  default     = null

  validation {
    condition     = var.hosted_zone_id == null || can(regex("^Z[A-Z0-9]{1,31}$", var.hosted_zone_id))
    error_message = "The id of a hosted zone is a Z with letters and digits."
  }
}

variable "administrators" {
  description = "ARNs of the IAM roles and users that may do everything in the cluster: nobody else may enter."
  type        = set(string)

  validation {
    condition = length(var.administrators) > 0 && alltrue([
      for arn in var.administrators : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+$", arn))
    ])
    error_message = "At least one ARN of an IAM role or user is needed; of an assumed role, the role's own: arn:aws:iam::123456789012:role/name."
  }
}

variable "deletion_protection" {
  description = "Whether database, cluster, backups and secrets refuse to be deleted. Before destroying, set it to false and apply."
  type        = bool
  default     = true
}

# --- Network -----------------------------------------------------------------------------------

variable "vpc_cidr" {
  description = "Private addresses of the network, /16 to /18. The overlay's network policies name its parts."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition = (
      can(cidrnetmask(var.vpc_cidr))
      && can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.).*/1[678]$", var.vpc_cidr))
    )
    error_message = "The network is a private one of /16, /17 or /18, as in 10.20.0.0/16."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway rather than one in each zone: a third of the cost, but without its zone no pod reaches the internet."
  type        = bool
  default     = false
}

variable "public_endpoint_cidrs" {
  description = "Addresses from which the control plane is reached over the internet, as in [\"203.0.113.7/32\"]. Empty: only from inside the network."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for cidr in var.public_endpoint_cidrs : can(cidrhost(cidr, 0)) && try(tonumber(split("/", cidr)[1]) >= 8, false)
    ])
    error_message = "Each is an address range as in 203.0.113.7/32; the whole internet is none."
  }
}

# --- Cluster -----------------------------------------------------------------------------------

variable "kubernetes_version" {
  description = "Kubernetes of the cluster. Raise it one minor version at a time."
  type        = string
  default     = "1.35"

  validation {
    condition     = can(regex("^1\\.(3[3-9]|[4-9][0-9])$", var.kubernetes_version))
    error_message = "The version is a minor one from 1.33 on, as in 1.35."
  }
}

variable "node_architecture" {
  description = "Architecture of the nodes, for which the image must be built: arm64 (cheaper) or x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.node_architecture)
    error_message = "The architecture is arm64 or x86_64."
  }
}

variable "node_instance_types" {
  description = "Instance types of the nodes, all of the architecture above."
  type        = list(string)
  default     = ["t4g.medium"]

  validation {
    condition     = length(var.node_instance_types) > 0
    error_message = "At least one instance type is needed."
  }
}

variable "node_count" {
  description = "How many nodes there are, spread over the zones."
  type        = number
  default     = 3

  validation {
    condition     = var.node_count >= 2 && var.node_count <= 30 && floor(var.node_count) == var.node_count
    error_message = "There are 2 to 30 nodes: with one alone, each upgrade would stop the site."
  }
}

# --- Database ----------------------------------------------------------------------------------

variable "postgresql_version" {
  description = "Major version of PostgreSQL. The pg_dump in the image must be of the same one, or newer."
  type        = string
  default     = "18"

  validation {
    condition     = can(regex("^(1[89]|2[0-9])$", var.postgresql_version))
    error_message = "The version is a major one from 18 on, as in 18: RDS chooses the minor one."
  }
}

variable "allow_major_version_upgrade" {
  description = "Whether a higher postgresql_version is applied. Set it for the upgrade alone."
  type        = bool
  default     = false
}

variable "database_instance_class" {
  description = "Instance class of the database and its replica."
  type        = string
  default     = "db.t4g.medium"

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.database_instance_class))
    error_message = "An instance class of RDS is written as in db.t4g.medium."
  }
}

variable "database_storage_gb" {
  description = "Storage of the database at the start, in GB."
  type        = number
  default     = 20

  validation {
    condition     = var.database_storage_gb >= 20 && var.database_storage_gb <= 65536
    error_message = "RDS takes 20 to 65,536 GB."
  }
}

variable "database_storage_limit_gb" {
  description = "Up to how many GB the storage grows by itself."
  type        = number
  default     = 200

  validation {
    condition     = var.database_storage_limit_gb >= var.database_storage_gb * 1.1
    error_message = "The limit is at least a tenth above database_storage_gb, or RDS refuses it."
  }
}

variable "database_multi_az" {
  description = "Whether a standby in another zone takes over when the primary fails. It doubles the database's cost."
  type        = bool
  default     = true
}

variable "database_backup_retention_days" {
  description = "How many days RDS can go back to, to the second."
  type        = number
  default     = 14

  validation {
    condition     = var.database_backup_retention_days >= 1 && var.database_backup_retention_days <= 35
    error_message = "RDS keeps 1 to 35 days; without any there is no replica, and no way back."
  }
}

variable "read_replica" {
  description = "Whether there is a replica for reading, which DATABASE_REPLICA_URL then names."
  type        = bool
  default     = false
}

# --- Secrets, backups and logs ----------------------------------------------------------------

variable "secret_versions" {
  description = "Raise a number and that secret is drawn anew. README.md says what to do afterwards."
  type = object({
    secret_key           = optional(number, 1)
    application_password = optional(number, 1)
    master_password      = optional(number, 1)
  })
  default = {}

  validation {
    condition     = alltrue([for number in values(var.secret_versions) : number >= 1 && floor(number) == number])
    error_message = "Versions are 1, 2, 3 and so on."
  }
}

variable "backup_retention_days" {
  description = "How many days the site's own backups stay in S3."
  type        = number
  default     = 400

  validation {
    condition     = var.backup_retention_days > 120
    error_message = "More than 120 days: after 30 they move to a class of storage that is paid for 90."
  }
}

variable "log_retention_days" {
  description = "How many days logs are kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days)
    error_message = "CloudWatch takes 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731 days."
  }
}
