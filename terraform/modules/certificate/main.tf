# The site's certificate. AWS proves by a name in the DNS that the domain is ours, and renews it.

resource "aws_acm_certificate" "this" {
  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  records = {
    for option in aws_acm_certificate.this.domain_validation_options : option.domain_name => {
      name  = option.resource_record_name
      type  = option.resource_record_type
      value = option.resource_record_value
    }
  }
}

# Where the domain is in Route 53 the name is written there; else whoever keeps the DNS adds it.
resource "aws_route53_record" "proof" {
  count = var.hosted_zone_id == null ? 0 : 1

  zone_id         = var.hosted_zone_id
  name            = local.records[var.domain].name
  type            = local.records[var.domain].type
  records         = [local.records[var.domain].value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  count = var.hosted_zone_id == null ? 0 : 1

  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = aws_route53_record.proof[*].fqdn
}
