# Properties of the whole platform, planned against a mocked Google.
mock_provider "google" {}

variables {
  project         = { id = "tank", number = "123" }
  images          = { features = "r/features:1", trainer = "r/trainer:1", predict_api = "r/predict_api:1" }
  bundles         = { for service in ["collector", "validator", "loader"] : service => sha256(service) }
  billing_account = "000000-000000-000000"
  alert_email     = "me@example.com"
  slack_channel   = "projects/tank/notificationChannels/1"
  github          = { repository = "me/tank" }
}

run "platform" {
  command = plan

  # Who may do what.
  assert {
    condition = jsonencode(output.access) == jsonencode(jsondecode(file("tests/access.json")))
    error_message = join("\n", concat(
      ["The access matrix is not that of tests/access.json."],
      [for who in setunion(keys(output.access), keys(jsondecode(file("tests/access.json")))) : "${who}: granted and not listed: ${jsonencode(setsubtract(try(output.access[who], []), try(jsondecode(file("tests/access.json"))[who], [])))}, listed and not granted: ${jsonencode(setsubtract(try(jsondecode(file("tests/access.json"))[who], []), try(output.access[who], [])))}" if jsonencode(try(output.access[who], [])) != jsonencode(try(jsondecode(file("tests/access.json"))[who], []))],
    ))
  }

  assert {
    condition     = !anytrue([for role in flatten(values(output.access)) : can(regex("roles/(owner|editor|viewer) ", role))])
    error_message = "An account has a basic role: ${jsonencode([for role in flatten(values(output.access)) : role if can(regex("roles/(owner|editor|viewer) ", role))])}"
  }

  assert {
    condition     = alltrue([for service in keys(output.addresses) : alltrue([for role in output.access[replace(service, "_", "-")] : role == "roles/bigquery.jobUser on project" if endswith(role, " on project")])])
    error_message = "A service has another role on the whole project than bigquery.jobUser."
  }

  assert {
    condition     = !contains(keys(output.access), "allUsers") && !contains(keys(output.access), "allAuthenticatedUsers")
    error_message = "Somebody without an invitation may call the API, though api_is_public is false."
  }

  # Every edge of the topology, in each lane.
  assert {
    condition = toset(keys(output.subscriptions)) == toset(flatten([
      for topic, edge in jsondecode(file("../../../shared/messaging/topology.json")) : [
        for lane in edge.lanes : [for service in edge.subscribers : "${lane == "live" ? "" : "backfill."}${topic}--${service}"]
      ]
    ]))
    error_message = "Not every edge of topology.json has its subscription in each lane: ${jsonencode(keys(output.subscriptions))}"
  }

  assert {
    condition     = alltrue([for name, subscription in output.subscriptions : subscription.topic == split("--", name)[0]])
    error_message = "A subscription belongs to another topic than its name says."
  }

  assert {
    condition     = alltrue([for subscription in output.subscriptions : one(subscription.dead_letter_policy[*].dead_letter_topic) == "projects/tank/topics/dead-letters" && one(subscription.dead_letter_policy[*].max_delivery_attempts) == 20])
    error_message = "Without the dead-letter policy: ${jsonencode([for name, subscription in output.subscriptions : name if one(subscription.dead_letter_policy[*].dead_letter_topic) != "projects/tank/topics/dead-letters"])}"
  }

  assert {
    condition     = alltrue([for name in keys(output.subscriptions) : contains(output.access["service-123@gcp-sa-pubsub.iam.gserviceaccount.com"], "roles/pubsub.subscriber on subscription ${name}")])
    error_message = "Pub/Sub may not take messages from every subscription that it must move to the dead letters."
  }

  assert {
    condition     = contains(output.access["service-123@gcp-sa-pubsub.iam.gserviceaccount.com"], "roles/pubsub.publisher on topic dead-letters") && google_pubsub_subscription.review.topic == "dead-letters"
    error_message = "Pub/Sub may not publish dead letters, or no subscription keeps them."
  }

  assert {
    condition     = alltrue([for subscription in output.subscriptions : length(subscription.push_config[0].oidc_token) == 1 && startswith(subscription.push_config[0].push_endpoint, subscription.push_config[0].oidc_token[0].audience)])
    error_message = "A push is not signed for the address it goes to."
  }

  assert {
    condition     = alltrue([for subscription in output.subscriptions : subscription.retry_policy[0].minimum_backoff == "10s" && subscription.retry_policy[0].maximum_backoff == "600s" && subscription.ack_deadline_seconds == 600 && subscription.expiration_policy[0].ttl == ""])
    error_message = "A subscription must back off for 10 to 600 s, wait 600 s for an answer, and never expire."
  }

  assert {
    condition     = { for name, subscription in output.subscriptions : name => subscription.push_config[0].push_endpoint if contains(["data.collected--validator", "data.loaded--features", "model.deployed--predict_api"], name) } == { "data.collected--validator" = "https://us-central1-tank.cloudfunctions.net/validator", "data.loaded--features" = "https://features-123.us-central1.run.app/", "model.deployed--predict_api" = "https://predict-api-123.us-central1.run.app/events" }
    error_message = "A service is pushed at an address where it does not listen."
  }

  # The warehouse.
  # people, teams_historical and venues are reference tables of a few thousand rows, always read whole.
  assert {
    condition     = toset([for name, table in google_bigquery_table.warehouse : name if length(table.time_partitioning) == 0]) == toset(["people", "teams_historical", "venues"])
    error_message = "Without a partition: ${jsonencode([for name, table in google_bigquery_table.warehouse : name if length(table.time_partitioning) == 0])}"
  }

  assert {
    condition     = toset(keys(google_bigquery_table.warehouse)) == toset([for path in fileset("../../../shared/sports/mlb/tables", "*.json") : trimsuffix(path, ".json")])
    error_message = "Not every file of shared/sports/mlb/tables has its table."
  }

  assert {
    condition     = toset(keys(google_bigquery_table.view)) == toset([for path in fileset("../../../shared/sports/mlb/views", "*.sql") : trimsuffix(path, ".sql")])
    error_message = "Not every file of shared/sports/mlb/views has its view."
  }

  assert {
    condition     = alltrue([for table in google_bigquery_table.view : length(regexall("mlb_\\w+\\.\\w+", table.view[0].query)) > 0 && length(regexall("mlb_\\w+\\.\\w+", table.view[0].query)) == length(regexall("`${var.project.id}\\.mlb_\\w+\\.\\w+`", table.view[0].query))])
    error_message = "A view names a table without its project: BigQuery refuses it."
  }

  assert {
    condition     = alltrue([for table in google_bigquery_table.view : !table.view[0].use_legacy_sql])
    error_message = "A view is read as legacy SQL."
  }

  assert {
    condition     = alltrue([for table in google_bigquery_table.warehouse : length(setsubtract(["run_id", "collected_at", "extra", "created_at", "updated_at"], jsondecode(table.schema)[*].name)) == 0])
    error_message = "A table lacks the columns that every table has."
  }

  assert {
    condition     = google_bigquery_dataset.staging.default_table_expiration_ms == 86400000
    error_message = "Tables in staging do not expire."
  }

  # The buckets.
  assert {
    condition     = alltrue([for bucket in google_storage_bucket.platform : bucket.uniform_bucket_level_access && bucket.public_access_prevention == "enforced" && !bucket.force_destroy])
    error_message = "A bucket can be made public, or be destroyed with what it holds."
  }

  assert {
    condition     = toset(keys(google_storage_bucket.platform)) == toset(["raw", "staging", "reports", "models", "releases", "forecasts", "state", "logs", "bundles"])
    error_message = "Got the buckets ${jsonencode(keys(google_storage_bucket.platform))}."
  }

  assert {
    condition     = [for rule in google_storage_bucket.platform["staging"].lifecycle_rule : one(rule.condition).age] == [14] && [for rule in google_storage_bucket.platform["raw"].lifecycle_rule : one(rule.condition).age] == [90, 365] && google_storage_bucket.platform["models"].versioning[0].enabled
    error_message = "Staging does not go after 14 days, raw does not cool after 90 and 365, or models are not versioned."
  }

  # Alerts and who gets them.
  assert {
    condition     = alltrue([for policy in concat(values(google_monitoring_alert_policy.on_metrics), values(google_monitoring_alert_policy.on_logs)) : can(regex("docs/runbook.md#(no-data-by-four|grade-f|dead-letters|push-errors|api-errors|api-latency|freshness|model-quality|daily-cost|api-unreachable|drift|features|training-failed|release-refused|report-missing|repair-given-up|notifications)$", policy.documentation[0].content))])
    error_message = "An alert does not link to its section of the runbook."
  }

  assert {
    condition     = toset([for policy in concat(values(google_monitoring_alert_policy.on_metrics), values(google_monitoring_alert_policy.on_logs)) : regex("#(.+)$", policy.documentation[0].content)[0]]) == toset(["no-data-by-four", "grade-f", "dead-letters", "push-errors", "api-errors", "api-latency", "freshness", "model-quality", "daily-cost", "api-unreachable", "drift", "features", "training-failed", "release-refused", "report-missing", "repair-given-up", "notifications"])
    error_message = "A chapter of the runbook has no alert."
  }

  assert {
    condition     = output.alert_conditions == { on_metrics = 12, metric_references = 21, on_log_lines = 11 } && alltrue([for policy in google_monitoring_alert_policy.on_metrics : length(policy.conditions) == 1])
    error_message = "Metrics that alerts name are paid for: count them in docs/cost.md, then here. Got ${jsonencode(output.alert_conditions)}."
  }

  assert {
    condition     = toset([for name, alert in merge(local.metric_alerts, local.log_alerts) : name if length(local.channels[alert.severity]) == 2]) == toset(["no-data-by-four", "push-errors", "dead-letters", "api-errors", "api-unreachable", "grade-f", "broken-model", "features-missing", "release-refused", "repair-given-up"])
    error_message = "Slack gets other alerts than the critical ones."
  }

  # The ticks.
  assert {
    condition     = { for name, tick in google_cloud_scheduler_job.tick : name => [tick.schedule, tick.time_zone, base64decode(tick.pubsub_target[0].data)] } == { for name, tick in jsondecode(file("../../../shared/schedules.json")) : name => [tick.cron, tick.time_zone, jsonencode(tick.body)] }
    error_message = "The schedule is not that of shared/schedules.json."
  }

  assert {
    condition     = alltrue([for name, tick in google_cloud_scheduler_job.tick : tick.pubsub_target[0].attributes == tomap({ topic = jsondecode(file("../../../shared/schedules.json"))[name].topic, schema_version = "1" })])
    error_message = "A tick does not name its topic and schema version."
  }
}

run "every_switch_the_other_way" {
  command = plan

  variables {
    api_is_public = true
    has_redis     = true
    is_ticking    = false
    is_warm       = false

    notifying_services = ["validator", "trainer"]
  }

  assert {
    condition     = toset([for who, roles in output.access : who if contains(roles, "roles/secretmanager.secretAccessor on secret notify-targets")]) == toset(["validator", "trainer"])
    error_message = "Other accounts than those of the notifying services may read the targets."
  }

  assert {
    condition     = toset([for name in keys(local.services) : name if can(local.environments[name].HANKSTANK_NOTIFY)]) == toset(["validator", "trainer"]) && local.environments["trainer"].HANKSTANK_NOTIFY == "sm://projects/tank/secrets/notify-targets/versions/latest"
    error_message = "Other services than the notifying ones have targets, or not as a secret."
  }

  assert {
    condition     = jsonencode(output.access["allUsers"]) == jsonencode(["roles/run.invoker on service predict-api"])
    error_message = "Everybody may do more than call the API: ${jsonencode(output.access["allUsers"])}"
  }

  assert {
    condition     = length(google_redis_instance.cache) == 1 && alltrue([for tick in google_cloud_scheduler_job.tick : tick.paused])
    error_message = "There is no cache, or a tick is not paused."
  }

  assert {
    condition     = toset([for name, policy in google_monitoring_alert_policy.on_metrics : name if !policy.enabled]) == toset(["no-data-by-four", "freshness", "report-missing"])
    error_message = "Without ticks, exactly the alerts that a missing tick would raise must be off."
  }
}

run "the_api_does_not_notify" {
  command = plan

  variables {
    notifying_services = ["predict_api"]
  }

  expect_failures = [var.notifying_services]
}
