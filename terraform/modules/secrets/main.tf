# What nobody may read, in Secrets Manager. Terraform draws the values from ephemeral resources
# and hands them to write-only arguments: none of them is in the state or in a plan.

locals {
  # Raise a number and its secret is drawn anew.
  drawn = {
    secret-key           = var.versions.secret_key
    application-password = var.versions.application_password
    master-password      = var.versions.master_password
  }

  descriptions = {
    secret-key           = "Django's SECRET_KEY"
    application-password = "Password of the application's role in PostgreSQL"
    master-password      = "Password of the database's master"
    application          = "Settings of the application that are secret, as JSON: made by Terraform"
    additional           = "Further settings of the application that are secret, as JSON: put there by people"
  }

  hosts = var.database_hosts
}

resource "aws_secretsmanager_secret" "this" {
  for_each = local.descriptions

  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.recovery_window_days
}

# --- Drawn -------------------------------------------------------------------------------------

ephemeral "random_password" "this" {
  for_each = local.drawn

  # Letters and digits, so that it may stand in a URL as it is: 62^50, some 297 bits.
  length  = 50
  special = false
}

resource "aws_secretsmanager_secret_version" "drawn" {
  for_each = local.drawn

  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo         = ephemeral.random_password.this[each.key].result
  secret_string_wo_version = each.value
}

# --- Read again --------------------------------------------------------------------------------

# A drawn value is another one in each run. What is used is therefore what is stored, so that a run
# that broke off half-way leaves no two passwords that differ.
ephemeral "aws_secretsmanager_secret_version" "drawn" {
  for_each = aws_secretsmanager_secret_version.drawn

  secret_id = each.value.secret_id
}

# --- For the application -----------------------------------------------------------------------

locals {
  urls = {
    for setting, host in local.hosts : setting => join("", [
      "postgres://", var.database_role, ":",
      ephemeral.aws_secretsmanager_secret_version.drawn["application-password"].secret_string,
      "@", host, ":5432/", var.database,
      # RDS's own authorities, which prepare.sh fetches and the overlay mounts.
      "?sslmode=verify-full&sslrootcert=/etc/rds/ca.pem",
    ])
  }
}

resource "aws_secretsmanager_secret_version" "application" {
  secret_id = aws_secretsmanager_secret.this["application"].id
  secret_string_wo = jsonencode(merge(local.urls, {
    SECRET_KEY = ephemeral.aws_secretsmanager_secret_version.drawn["secret-key"].secret_string
  }))
  # Another number whenever something in it is another: the version has to be a number, and cannot
  # be told from the secret itself.
  secret_string_wo_version = parseint(substr(sha256(jsonencode([local.drawn, local.hosts, var.database, var.database_role])), 0, 7), 16)
}
