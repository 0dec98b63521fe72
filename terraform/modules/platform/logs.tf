# Logs: thirty days at hand, a year in a bucket, and audit logs.

resource "google_logging_project_bucket_config" "default" {
  project        = var.project.id
  location       = "global"
  bucket_id      = "_Default"
  retention_days = 30
}

resource "google_logging_project_sink" "archive" {
  project                = var.project.id
  name                   = "archive"
  description            = "Audit logs, deliveries, and everything from WARNING up."
  destination            = "storage.googleapis.com/${google_storage_bucket.platform["logs"].name}"
  filter                 = "log_id(\"cloudaudit.googleapis.com/activity\") OR log_id(\"cloudaudit.googleapis.com/data_access\") OR severity>=WARNING OR jsonPayload.message=\"delivery\""
  unique_writer_identity = true
}

resource "google_storage_bucket_iam_member" "archive" {
  bucket = google_storage_bucket.platform["logs"].name
  role   = "roles/storage.objectCreator"
  member = google_logging_project_sink.archive.writer_identity
}

# Changes of configuration are always audited; these are the readings that matter. BigQuery's are always on.
resource "google_project_iam_audit_config" "readings" {
  for_each = {
    "secretmanager.googleapis.com" = ["ADMIN_READ", "DATA_READ", "DATA_WRITE"]
    "iam.googleapis.com"           = ["ADMIN_READ", "DATA_READ", "DATA_WRITE"]
    "sts.googleapis.com"           = ["ADMIN_READ", "DATA_READ", "DATA_WRITE"]
    "storage.googleapis.com"       = ["ADMIN_READ", "DATA_WRITE"]
  }

  project = var.project.id
  service = each.key

  dynamic "audit_log_config" {
    for_each = each.value
    content {
      log_type = audit_log_config.value
    }
  }
}
