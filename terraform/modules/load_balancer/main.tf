# The role of the AWS Load Balancer Controller, which makes an Application Load Balancer for the
# site's ingress. It may change and delete only what it made for this cluster: that it tells by a
# tag. WAF and Shield are not in use, so it runs without them (terraform/README.md).

data "aws_partition" "current" {}

locals {
  owned = "aws:ResourceTag/elbv2.k8s.aws/cluster"
  asked = "aws:RequestTag/elbv2.k8s.aws/cluster"

  arn = "arn:${data.aws_partition.current.partition}"
  balancers = [
    "${local.arn}:elasticloadbalancing:*:*:loadbalancer/app/*",
    "${local.arn}:elasticloadbalancing:*:*:targetgroup/*",
  ]
  listeners = [
    "${local.arn}:elasticloadbalancing:*:*:listener/app/*",
    "${local.arn}:elasticloadbalancing:*:*:listener-rule/app/*",
  ]
}

data "aws_iam_policy_document" "controller" {
  statement {
    sid = "Look"
    actions = [
      "acm:DescribeCertificate",
      "acm:ListCertificates",
      "ec2:DescribeAccountAttributes",
      "ec2:DescribeAddresses",
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeInstances",
      "ec2:DescribeInternetGateways",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeTags",
      "ec2:DescribeVpcs",
      "ec2:GetSecurityGroupsForVpc",
      "elasticloadbalancing:Describe*",
    ]
    resources = ["*"]
  }

  # Firewall: groups in front of the load balancer, and rules that let it reach the pods.
  statement {
    sid       = "MakeGroup"
    actions   = ["ec2:CreateSecurityGroup"]
    resources = ["${local.arn}:ec2:*:*:vpc/${var.vpc_id}"]
  }

  statement {
    sid       = "MakeGroupWithTag"
    actions   = ["ec2:CreateSecurityGroup"]
    resources = ["${local.arn}:ec2:*:*:security-group/*"]

    condition {
      test     = "StringEquals"
      variable = local.asked
      values   = [var.cluster_name]
    }
  }

  statement {
    sid       = "TagGroupAsItIsMade"
    actions   = ["ec2:CreateTags"]
    resources = ["${local.arn}:ec2:*:*:security-group/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["CreateSecurityGroup"]
    }
  }

  statement {
    sid = "ChangeOwnGroups"
    actions = [
      "ec2:AuthorizeSecurityGroupIngress",
      "ec2:CreateTags",
      "ec2:DeleteSecurityGroup",
      "ec2:DeleteTags",
      "ec2:RevokeSecurityGroupIngress",
    ]
    resources = ["${local.arn}:ec2:*:*:security-group/*"]

    condition {
      test     = "StringEquals"
      variable = local.owned
      values   = [var.cluster_name]
    }
  }

  # A rule has a name of its own, and its group must be allowed besides.
  statement {
    sid     = "ReachThePods"
    actions = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]
    resources = [
      "${local.arn}:ec2:*:*:security-group/${var.cluster_security_group_id}",
      "${local.arn}:ec2:*:*:security-group-rule/*",
    ]
  }

  # Load balancers, their listeners and the pods behind them.
  statement {
    sid       = "MakeBalancer"
    actions   = ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"]
    resources = local.balancers

    condition {
      test     = "StringEquals"
      variable = local.asked
      values   = [var.cluster_name]
    }
  }

  statement {
    sid       = "TagBalancerAsItIsMade"
    actions   = ["elasticloadbalancing:AddTags"]
    resources = concat(local.balancers, local.listeners)

    condition {
      test     = "StringEquals"
      variable = "elasticloadbalancing:CreateAction"
      values   = ["CreateLoadBalancer", "CreateTargetGroup", "CreateListener", "CreateRule"]
    }
  }

  statement {
    sid = "ChangeOwnBalancers"
    actions = [
      "elasticloadbalancing:AddTags",
      "elasticloadbalancing:CreateListener",
      "elasticloadbalancing:DeleteLoadBalancer",
      "elasticloadbalancing:DeleteTargetGroup",
      "elasticloadbalancing:DeregisterTargets",
      "elasticloadbalancing:ModifyLoadBalancerAttributes",
      "elasticloadbalancing:ModifyTargetGroup",
      "elasticloadbalancing:ModifyTargetGroupAttributes",
      "elasticloadbalancing:RegisterTargets",
      "elasticloadbalancing:RemoveTags",
      "elasticloadbalancing:SetIpAddressType",
      "elasticloadbalancing:SetSecurityGroups",
      "elasticloadbalancing:SetSubnets",
    ]
    resources = local.balancers

    condition {
      test     = "StringEquals"
      variable = local.owned
      values   = [var.cluster_name]
    }
  }

  statement {
    sid = "ChangeOwnListeners"
    actions = [
      "elasticloadbalancing:AddListenerCertificates",
      "elasticloadbalancing:AddTags",
      "elasticloadbalancing:CreateRule",
      "elasticloadbalancing:DeleteListener",
      "elasticloadbalancing:DeleteRule",
      "elasticloadbalancing:ModifyListener",
      "elasticloadbalancing:ModifyListenerAttributes",
      "elasticloadbalancing:ModifyRule",
      "elasticloadbalancing:RemoveListenerCertificates",
      "elasticloadbalancing:RemoveTags",
      "elasticloadbalancing:SetRulePriorities",
    ]
    resources = local.listeners

    condition {
      test     = "StringEquals"
      variable = local.owned
      values   = [var.cluster_name]
    }
  }

  statement {
    sid       = "RoleOfLoadBalancing"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["${local.arn}:iam::*:role/aws-service-role/elasticloadbalancing.amazonaws.com/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["elasticloadbalancing.amazonaws.com"]
    }
  }
}

module "role" {
  source = "../pod_role"

  name            = "${var.cluster_name}-load-balancer"
  cluster_name    = var.cluster_name
  namespace       = "kube-system"
  service_account = "aws-load-balancer-controller"
  policy          = data.aws_iam_policy_document.controller.json
}
