output "name" {
  description = "Name of the cluster, known once pods can run in it."
  value       = aws_eks_cluster.this.name

  depends_on = [aws_eks_addon.after_nodes]
}

output "endpoint" {
  description = "Address of the control plane."
  value       = aws_eks_cluster.this.endpoint
}

output "security_group_id" {
  description = "Group of the control plane, the nodes and the pods."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}
