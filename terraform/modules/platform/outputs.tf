output "addresses" {
  description = "The address of each service."
  value       = { for name, service in module.service : name => service.address }
}

output "access" {
  description = "The whole access matrix: by account, every 'role on what' that is granted here."
  value       = { for who, roles in local.access : who => sort(roles) }
}

output "subscriptions" {
  description = "Every push subscription by name."
  value       = merge([for service in module.service : service.subscriptions]...)
}

output "alert_conditions" {
  description = "Conditions on metrics and how many metrics they name, which are paid for; conditions on log lines are free."
  value = {
    on_metrics        = length(google_monitoring_alert_policy.on_metrics)
    metric_references = length(flatten([for alert in local.metric_alerts : regexall("_googleapis_com:", alert.query)]))
    on_log_lines      = length(google_monitoring_alert_policy.on_logs)
  }
}

output "github" {
  description = "What the workflows need to sign in: provider and accounts."
  value = {
    provider = google_iam_workload_identity_pool_provider.github.name
    accounts = { for who, account in google_service_account.github : who => account.email }
  }
}

output "registry" {
  description = "Where images are pushed."
  value       = "${var.region}-docker.pkg.dev/${var.project.id}/${google_artifact_registry_repository.images["services"].repository_id}"
}

output "bundles" {
  description = "Bucket that bundles are uploaded to, as <service>-<sha256>.zip."
  value       = google_storage_bucket.platform["bundles"].name
}
