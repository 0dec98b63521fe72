# Metrics read from log lines: every delivery, every query's bytes, and what each service reports of its work.

locals {
  counted = {
    deliveries = { message = "delivery", labels = { service = "EXTRACT(labels.service)", outcome = "EXTRACT(jsonPayload.outcome)", subscription = "EXTRACT(labels.subscription)" } }
    alerts     = { message = "alert", labels = { service = "EXTRACT(labels.service)", title = "EXTRACT(jsonPayload.alert)" } }
    reports    = { message = "report", labels = { outcome = "EXTRACT(jsonPayload.outcome)" } }
    grades     = { message = "status", labels = { grade = "EXTRACT(jsonPayload.details.grade)" } }
  }
  measured = {
    delivery_seconds  = { message = "delivery", service = null, value = "jsonPayload.seconds", unit = "s" }
    bytes_billed      = { message = "query", service = null, value = "jsonPayload.bytes_billed", unit = "By" }
    source_failures   = { message = "status", service = "collector", value = "jsonPayload.details.failures", unit = "1" }
    games_validated   = { message = "status", service = "validator", value = "jsonPayload.details.games", unit = "1" }
    forecasts_graded  = { message = "status", service = "loader", value = "jsonPayload.details.forecasts.graded", unit = "1" }
    feature_days      = { message = "status", service = "features", value = "jsonPayload.details.days", unit = "1" }
    feature_null_rate = { message = "status", service = "features", value = "jsonPayload.details.null_rate", unit = "1" }
    # Of the served forecasts that were scored, once a day: the log loss of the last 7 days beside a guess's, and of the last
    # 14 days the gain on the guess and the highest gain that noise allows. Below 0 it alerts.
    home_win_log_loss       = { message = "forecast quality", service = "loader", value = "jsonPayload.details.home_win.week.compared_log_loss", unit = "1" }
    home_win_guess_loss     = { message = "forecast quality", service = "loader", value = "jsonPayload.details.home_win.week.guess_log_loss", unit = "1" }
    home_win_gain           = { message = "forecast quality", service = "loader", value = "jsonPayload.details.home_win.fortnight.gain", unit = "1" }
    home_win_highest_gain   = { message = "forecast quality", service = "loader", value = "jsonPayload.details.home_win.highest_gain", unit = "1" }
    strikeouts_gain         = { message = "forecast quality", service = "loader", value = "jsonPayload.details.pitcher_strikeouts.fortnight.gain", unit = "1" }
    strikeouts_highest_gain = { message = "forecast quality", service = "loader", value = "jsonPayload.details.pitcher_strikeouts.highest_gain", unit = "1" }
  }
}

resource "google_logging_metric" "counted" {
  for_each = local.counted

  project          = var.project.id
  name             = each.key
  filter           = "resource.type=\"cloud_run_revision\" AND jsonPayload.message=\"${each.value.message}\"${each.key == "grades" ? " AND labels.service=\"validator\"" : ""}"
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

# A query names the resource type that wrote a metric, so each metric is read from one type.
resource "google_logging_metric" "measured" {
  for_each = local.measured

  project          = var.project.id
  name             = each.key
  filter           = "resource.type=\"cloud_run_revision\" AND jsonPayload.message=\"${each.value.message}\"${each.value.service == null ? "" : " AND labels.service=\"${each.value.service}\""}"
  value_extractor  = "EXTRACT(${each.value.value})"
  label_extractors = { service = "EXTRACT(labels.service)" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit

    labels {
      key        = "service"
      value_type = "STRING"
    }
  }
}
