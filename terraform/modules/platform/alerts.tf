# Alerts and who gets them. Google charges for each metric and point that a query reads, so queries name few metrics and
# run as seldom as the answer can wait. Alerts on log lines are free.

locals {
  deliveries = "logging_googleapis_com:user_deliveries{monitored_resource=\"cloud_run_revision\""
  served     = "monitored_resource=\"cloud_run_revision\",service_name=\"${module.service["predict_api"].host}\""

  # Nothing was loaded, though the day's tick was not answered "nothing to collect": the collector was done, and the
  # validator received nothing.
  nothing_loaded = { for window in ["3h", "25h"] : window => join(" ", [
    "(sum(increase(${local.deliveries},subscription=\"data.validated--loader\",outcome=\"done\"}[${window}])) or vector(0)) < 1 unless",
    "(sum(increase(${local.deliveries},subscription=\"data-collection-trigger--collector\",outcome=\"done\"}[${window}])) > 0 unless",
    "sum(increase(${local.deliveries},subscription=\"data.collected--validator\"}[${window}])) > 0)",
  ]) }
  mean = { for name in keys(local.measured) : name => "sum(increase(logging_googleapis_com:user_${name}_sum[%s])) / sum(increase(logging_googleapis_com:user_${name}_count[%s]))" }

  # US dollars of the last day by the prices of the cost model, the warm instance's idling apart: bytes that queries
  # were billed for, and seconds of work at the price of the largest service.
  prices = { for price in jsondecode(file("${local.shared}/../hankstank/dev/cost/prices.json")).prices : price.key => tonumber(price.usd) }
  second = {
    cloud_run_revision = max([for service in local.services : service.cpu * local.prices["run.cpu"] + service.memory_mib / 1024 * local.prices["run.memory"]]...)
    cloud_run_job      = max([for service in local.services : service.job.cpu * local.prices["jobs.cpu"] + service.job.memory_mib / 1024 * local.prices["jobs.memory"] if can(service.job)]...)
  }
  estimated_cost = join(" + ", concat(
    ["(sum(increase(bigquery_googleapis_com:query_statement_scanned_bytes_billed{monitored_resource=\"bigquery_project\"}[1d])) / 2^40 * ${local.prices["bigquery.read"]} or vector(0))"],
    [for host, usd in local.second : "(sum(increase(run_googleapis_com:container_billable_instance_time{monitored_resource=\"${host}\"}[1d])) * ${format("%.7f", usd)} or vector(0))"],
  ))

  # By name: what it means, its section of the runbook, its severity, and the query (PromQL).
  metric_alerts = {
    no-data-by-four = {
      title = "Nothing was loaded by 04:00", runbook = "no-data-by-four", severity = "CRITICAL", every = "600s"
      # 08 UTC is 04:00 in New York in summer and 03:00 in winter, an hour and more after the tick.
      query = "(${local.nothing_loaded["3h"]}) and (hour() == 8)"
    }
    push-errors = {
      title = "More than three deliveries failed in an hour, or one waits for more than two", runbook = "push-errors", severity = "CRITICAL", every = "300s"
      # "working" is a job that runs for its delivery, an hour at most: no failure.
      query = join(" or ", [
        "sum(increase(${local.deliveries},outcome=~\"bug|unavailable\"}[1h])) > 3",
        "max(pubsub_googleapis_com:subscription_oldest_unacked_message_age{subscription_id!=\"${google_pubsub_subscription.review.name}\"}) > 7200",
      ])
    }
    dead-letters = {
      title = "A delivery was dead-lettered", runbook = "dead-letters", severity = "CRITICAL", every = "300s"
      query = "max(pubsub_googleapis_com:subscription_num_undelivered_messages{subscription_id=\"${google_pubsub_subscription.review.name}\"}) > 0"
    }
    dead-letters-many = {
      title = "More than a hundred dead letters wait", runbook = "dead-letters", severity = "WARNING", every = "3600s"
      query = "max(pubsub_googleapis_com:subscription_num_undelivered_messages{subscription_id=\"${google_pubsub_subscription.review.name}\"}) > 100"
    }
    api-errors = {
      title = "The API failed more than one request in a hundred for an hour", runbook = "api-errors", severity = "CRITICAL", every = "300s"
      query = "sum(increase(run_googleapis_com:request_count{${local.served},response_code_class=\"5xx\"}[1h])) / sum(increase(run_googleapis_com:request_count{${local.served}}[1h])) > 0.01"
    }
    api-latency = {
      title = "The API's slowest hundredth takes more than 100 ms", runbook = "api-latency", severity = "WARNING", every = "600s"
      query = "histogram_quantile(0.99, sum by (le) (increase(run_googleapis_com:request_latencies_bucket{${local.served}}[1h]))) > 100"
    }
    api-unreachable = {
      title = "The API was not ready from anywhere for ten minutes", runbook = "api-unreachable", severity = "CRITICAL", every = "300s"
      query = "max(max_over_time(monitoring_googleapis_com:uptime_check_check_passed{monitored_resource=\"uptime_url\"}[10m])) < 1"
    }
    freshness = {
      title = "Nothing was loaded for more than a day", runbook = "freshness", severity = "WARNING", every = "3600s"
      query = local.nothing_loaded["25h"]
    }
    report-missing = {
      title = "No morning report was made for a day", runbook = "report-missing", severity = "WARNING", every = "3600s"
      # A morning without news counts too: the task logs that there is none to send.
      query = "(sum(increase(logging_googleapis_com:user_reports{monitored_resource=\"cloud_run_revision\"}[25h])) or vector(0)) < 1"
    }
    drift = {
      title = "Inputs drift: more than 5 % of the features' values are missing", runbook = "drift", severity = "WARNING", every = "3600s"
      query = "${format(local.mean["feature_null_rate"], "1d", "1d")} > 0.05"
    }
    training-failed = {
      title = "A job failed", runbook = "training-failed", severity = "WARNING", every = "600s"
      query = "sum(increase(run_googleapis_com:job_completed_execution_count{monitored_resource=\"cloud_run_job\",result=\"failed\"}[1h])) > 0"
    }
    daily-cost = {
      title = "A day costs more than $${var.daily_cost_usd}", runbook = "daily-cost", severity = "WARNING", every = "3600s"
      query = "${local.estimated_cost} > ${var.daily_cost_usd}"
    }
  }

  log_alerts = {
    grade-f = {
      title   = "A batch was graded F", runbook = "grade-f", severity = "CRITICAL"
      pattern = "^(batch graded F|not complete after)"
    }
    broken-model = {
      title   = "A model is broken or could not be trained", runbook = "training-failed", severity = "CRITICAL"
      pattern = "^(production model of|training of|training could not be stored)"
    }
    release-refused = {
      title   = "A release was refused: the one before it keeps serving", runbook = "release-refused", severity = "CRITICAL"
      pattern = "^release refused"
    }
    challenger-left-out = {
      title   = "A release is served without its challenger", runbook = "release-refused", severity = "WARNING"
      pattern = "^challenger left out"
    }
    drifted = {
      title   = "Features left what the models were made on", runbook = "drift", severity = "WARNING"
      pattern = "^features drifted"
    }
    features-missing = {
      title   = "Features miss a critical family", runbook = "features", severity = "CRITICAL"
      pattern = "^features miss a critical family"
    }
    features-incomplete = {
      title   = "Features are missing, incomplete or late", runbook = "features", severity = "WARNING"
      pattern = "^features are (missing|incomplete|late)"
    }
    repair-given-up = {
      title   = "Something is missing and could not be made again", runbook = "repair-given-up", severity = "CRITICAL"
      pattern = "^cannot be made again"
    }
    notifications = {
      title   = "A target of notifications does not get its messages", runbook = "notifications", severity = "WARNING"
      pattern = "^notifications are not sent"
    }
    model-quality = {
      title   = "Served forecasts were worse than a guess over fourteen days", runbook = "model-quality", severity = "WARNING"
      pattern = "^(forecasts worse than a guess)"
    }
    suspicion = {
      title   = "Forecasts or features look too good", runbook = "model-quality", severity = "WARNING"
      pattern = "(too good to be true|know the future|not better than naive)"
    }
  }

  channels = {
    WARNING  = [google_monitoring_notification_channel.email.name]
    CRITICAL = concat([google_monitoring_notification_channel.email.name], var.slack_channel[*])
  }
  runbook = "https://github.com/${var.github.repository}/blob/${var.github.branch}/docs/runbook.md"
}

resource "google_monitoring_notification_channel" "email" {
  project      = var.project.id
  display_name = "Hank's Tank"
  type         = "email"
  labels       = { email_address = var.alert_email }
  depends_on   = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "on_metrics" {
  for_each = local.metric_alerts

  project               = var.project.id
  display_name          = each.value.title
  combiner              = "OR"
  severity              = each.value.severity
  enabled               = var.is_ticking || !contains(["no-data-by-four", "freshness", "report-missing"], each.key)
  notification_channels = local.channels[each.value.severity]

  conditions {
    display_name = each.key
    condition_prometheus_query_language {
      query                     = each.value.query
      duration                  = "0s"
      evaluation_interval       = each.value.every
      disable_metric_validation = true # a metric exists only once it has been written
    }
  }

  documentation {
    content   = "${each.value.title}. What to do: ${local.runbook}#${each.value.runbook}"
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_logging_metric.counted, google_logging_metric.measured]
}

resource "google_monitoring_alert_policy" "on_logs" {
  for_each = local.log_alerts

  project               = var.project.id
  display_name          = each.value.title
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels[each.value.severity]

  conditions {
    display_name = each.key
    condition_matched_log {
      filter = "jsonPayload.message=\"alert\" AND jsonPayload.alert=~\"${each.value.pattern}\""
    }
  }

  documentation {
    content   = "${each.value.title}. What to do: ${local.runbook}#${each.value.runbook}"
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "86400s"
    notification_rate_limit {
      period = "3600s"
    }
  }
}
