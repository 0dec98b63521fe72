output "addresses" {
  description = "Where each room is called."
  value       = { for name, room in module.room : name => room.address }
}

output "access" {
  description = "The whole access matrix: by account, every 'role on what' that is granted here."
  value       = { for who, roles in local.access : who => sort(roles) }
}

output "subscriptions" {
  description = "Every push subscription by name."
  value       = merge([for room in module.room : room.subscriptions]...)
}

output "alert_conditions" {
  description = "Conditions on metrics and how many metrics they name, which are paid for; conditions on log lines are free."
  value = {
    on_metrics        = length(google_monitoring_alert_policy.measured)
    metric_references = length(flatten([for alert in local.measured_alerts : regexall("_googleapis_com:", alert.query)]))
    on_log_lines      = length(google_monitoring_alert_policy.said)
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
  value       = "${var.region}-docker.pkg.dev/${var.project.id}/${google_artifact_registry_repository.images["rooms"].repository_id}"
}

output "bundles" {
  description = "Bucket that bundles are uploaded to, as <room>-<sha256>.zip."
  value       = google_storage_bucket.house["bundles"].name
}
