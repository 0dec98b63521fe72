# Earlier names of these resources: a deployed state follows the rename and nothing is replaced.

moved {
  from = module.room
  to   = module.service
}

moved {
  from = google_storage_bucket.house
  to   = google_storage_bucket.platform
}

moved {
  from = google_monitoring_dashboard.house
  to   = google_monitoring_dashboard.platform
}

moved {
  from = google_bigquery_dataset.standing
  to   = google_bigquery_dataset.warehouse
}

moved {
  from = google_bigquery_table.standing
  to   = google_bigquery_table.warehouse
}

moved {
  from = google_monitoring_alert_policy.measured
  to   = google_monitoring_alert_policy.on_metrics
}

moved {
  from = google_monitoring_alert_policy.said
  to   = google_monitoring_alert_policy.on_logs
}
