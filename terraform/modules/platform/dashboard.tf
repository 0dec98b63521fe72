# The dashboard. Objectives are lines in the tiles that measure them.

locals {
  percent_done = "100 * sum(increase(${local.deliveries},outcome=\"done\"}[1d])) / sum(increase(${local.deliveries},outcome!=\"working\"}[1d]))"
  latency      = { for p in ["0.5", "0.95", "0.99"] : p => "histogram_quantile(${p}, sum by (le) (increase(run_googleapis_com:request_latencies_bucket{${local.served}}[5m])))" }
  seconds      = "sum by (service) (increase(logging_googleapis_com:user_delivery_seconds_sum{monitored_resource=\"cloud_run_revision\"}[1d]))"

  # Title, unit, objective (null: none) and what is drawn.
  tiles = [
    { title = "Pipeline: deliveries done, % (objective: over 98)", unit = "%", objective = 98, queries = [local.percent_done] },
    { title = "Freshness: hours since a delivery to the loader was done (objective: under 24)", unit = "h", objective = 24, queries = ["(time() - max(max_over_time(timestamp(increase(${local.deliveries},subscription=\"data.validated--loader\",outcome=\"done\"}[10m]) > 0)[3d:10m]))) / 3600"] },
    { title = "Features complete, % (objective: over 95)", unit = "%", objective = 95, queries = ["100 * (1 - ${format(local.mean["feature_null_rate"], "1d", "1d")})"] },
    { title = "Batches graded A, % of 28 days (objective: over 90)", unit = "%", objective = 90, queries = ["100 * sum(increase(logging_googleapis_com:user_grades{grade=\"A\"}[28d])) / sum(increase(logging_googleapis_com:user_grades[28d]))"] },
    { title = "API: requests answered, % (objective: 99.9)", unit = "%", objective = 99.9, queries = ["100 - 100 * (sum(increase(run_googleapis_com:request_count{${local.served},response_code_class=\"5xx\"}[1d])) or vector(0)) / sum(increase(run_googleapis_com:request_count{${local.served}}[1d]))"] },
    { title = "API: p50, p95, p99 in ms (objective: p99 under 100)", unit = "ms", objective = 100, queries = values(local.latency) },
    { title = "Deliveries by service and outcome", unit = "1", objective = null, queries = ["sum by (service, outcome) (increase(${local.deliveries}}[1h]))"] },
    { title = "Seconds of work a day by service: end to end is their sum", unit = "s", objective = null, queries = [local.seconds] },
    { title = "Games validated and forecasts scored a day", unit = "1", objective = null, queries = ["sum(increase(logging_googleapis_com:user_games_validated_sum[1d]))", "sum(increase(logging_googleapis_com:user_forecasts_graded_sum[1d]))"] },
    { title = "Grades", unit = "1", objective = null, queries = ["sum by (grade) (increase(logging_googleapis_com:user_grades[1d]))"] },
    { title = "Requests to sources that failed", unit = "1", objective = null, queries = ["sum(increase(logging_googleapis_com:user_source_failures_sum[1d]))"] },
    { title = "Days of features recomputed", unit = "1", objective = null, queries = ["sum(increase(logging_googleapis_com:user_feature_days_sum[1d]))"] },
    { title = "Home win, served forecasts of 7 days: log loss, ours and of a guess", unit = "1", objective = null, queries = [for name in ["home_win_log_loss", "home_win_guess_loss"] : format(local.mean[name], "1d", "1d")] },
    { title = "Gain of served forecasts on a guess over 14 days: home win, strikeouts", unit = "1", objective = 0, queries = [for name in ["home_win_gain", "strikeouts_gain"] : format(local.mean[name], "1d", "1d")] },
    { title = "The same and 1.645 standard errors: below 0 it alerts", unit = "1", objective = 0, queries = [for name in ["home_win_highest_gain", "strikeouts_highest_gain"] : format(local.mean[name], "1d", "1d")] },
    { title = "Alerts that services raised", unit = "1", objective = null, queries = ["sum by (title) (increase(logging_googleapis_com:user_alerts[1d]))"] },
    { title = "Dead letters; oldest waiting delivery in minutes", unit = "1", objective = null, queries = ["max(pubsub_googleapis_com:subscription_num_undelivered_messages{subscription_id=\"${google_pubsub_subscription.review.name}\"})", "max(pubsub_googleapis_com:subscription_oldest_unacked_message_age{subscription_id!=\"${google_pubsub_subscription.review.name}\"}) / 60"] },
    { title = "Instances by service", unit = "1", objective = null, queries = ["sum by (service_name) (run_googleapis_com:container_instance_count{monitored_resource=\"cloud_run_revision\"})"] },
    { title = "BigQuery slots", unit = "1", objective = null, queries = ["sum(bigquery_googleapis_com:slots_allocated_for_project{monitored_resource=\"bigquery_project\"})"] },
    { title = "Bytes billed by service", unit = "By", objective = null, queries = ["sum by (service) (increase(logging_googleapis_com:user_bytes_billed_sum{monitored_resource=\"cloud_run_revision\"}[1d]))"] },
    { title = "Estimated cost of a day, USD", unit = "1", objective = var.daily_cost_usd, queries = [local.estimated_cost] },
  ]
}

resource "google_monitoring_dashboard" "platform" {
  project = var.project.id
  dashboard_json = jsonencode({
    displayName = "Hank's Tank"
    mosaicLayout = {
      columns = 48
      tiles = [for place, tile in local.tiles : {
        xPos = place % 3 * 16, yPos = floor(place / 3) * 14, width = 16, height = 14
        widget = {
          title = tile.title
          xyChart = {
            dataSets   = [for query in tile.queries : { plotType = "LINE", timeSeriesQuery = { prometheusQuery = query, unitOverride = tile.unit } }]
            thresholds = [for objective in tile.objective[*] : { value = objective }]
          }
        }
      }]
    }
  })
  depends_on = [google_project_service.api]
}
