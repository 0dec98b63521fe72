# Metrics read from log lines: every delivery, every query's bytes, and what each room says of its work.

locals {
  counted = {
    deliveries = { message = "delivery", labels = { room = "EXTRACT(labels.room)", outcome = "EXTRACT(jsonPayload.outcome)", subscription = "EXTRACT(labels.subscription)" } }
    alerts     = { message = "alert", labels = { room = "EXTRACT(labels.room)", title = "EXTRACT(jsonPayload.alert)" } }
    grades     = { message = "status", labels = { grade = "EXTRACT(jsonPayload.told.grade)" } }
  }
  measured = {
    delivery_seconds    = { message = "delivery", room = null, value = "jsonPayload.seconds", unit = "s" }
    bytes_billed        = { message = "query", room = null, value = "jsonPayload.bytes_billed", unit = "By" }
    source_failures     = { message = "status", room = "collector", value = "jsonPayload.told.failures", unit = "1" }
    games_validated     = { message = "status", room = "validator", value = "jsonPayload.told.games", unit = "1" }
    forecasts_graded    = { message = "status", room = "loader", value = "jsonPayload.told.forecasts.graded", unit = "1" }
    feature_days        = { message = "status", room = "features", value = "jsonPayload.told.days", unit = "1" }
    feature_null_rate   = { message = "status", room = "features", value = "jsonPayload.told.null_rate", unit = "1" }
    home_win_log_loss   = { message = "status", room = "trainer", value = "jsonPayload.told.targets.home_win.metrics.log_loss", unit = "1" }
    home_win_naive_loss = { message = "status", room = "trainer", value = "jsonPayload.told.targets.home_win.metrics.naive_log_loss", unit = "1" }
    home_win_gain       = { message = "status", room = "trainer", value = "jsonPayload.told.targets.home_win.metrics.gain", unit = "1" }
    strikeouts_gain     = { message = "status", room = "trainer", value = "jsonPayload.told.targets.pitcher_strikeouts.metrics.gain", unit = "1" }
  }
}

resource "google_logging_metric" "counted" {
  for_each = local.counted

  project          = var.project.id
  name             = each.key
  filter           = "resource.type=\"cloud_run_revision\" AND jsonPayload.message=\"${each.value.message}\"${each.key == "grades" ? " AND labels.room=\"validator\"" : ""}"
  label_extractors = each.value.labels

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key        = labels.key
        value_type = "STRING"
      }
    }
  }
}

# A metric is asked for by the kind of host it came from, so each is read from one: the trainer works in its job.
resource "google_logging_metric" "measured" {
  for_each = local.measured

  project          = var.project.id
  name             = each.key
  filter           = "resource.type=\"${each.value.room == "trainer" ? "cloud_run_job" : "cloud_run_revision"}\" AND jsonPayload.message=\"${each.value.message}\"${each.value.room == null ? "" : " AND labels.room=\"${each.value.room}\""}"
  value_extractor  = "EXTRACT(${each.value.value})"
  label_extractors = { room = "EXTRACT(labels.room)" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit

    labels {
      key        = "room"
      value_type = "STRING"
    }
  }
}
