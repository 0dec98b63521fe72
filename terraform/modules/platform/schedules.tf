# The entries of shared/schedules.json. They run all year: off season the schedule lists no game, the collector announces
# nothing and nothing is trained until spring.

resource "google_cloud_scheduler_job" "tick" {
  for_each = local.ticks

  project   = var.project.id
  region    = var.region
  name      = each.key
  schedule  = each.value.cron
  time_zone = each.value.time_zone
  paused    = !var.is_ticking

  pubsub_target {
    topic_name = "projects/${var.project.id}/topics/${google_pubsub_topic.lane[each.value.topic].name}"
    data       = base64encode(jsonencode(each.value.body))
    attributes = { topic = each.value.topic, schema_version = "1" }
  }

  retry_config {
    retry_count = 5
  }
}
