# The services: what each may read and write, what it publishes, and its own settings.

locals {
  creates = ["roles/storage.objectCreator", "roles/storage.objectViewer"] # viewer: a second write compares bytes
  reads   = ["roles/storage.objectViewer"]
  keeps   = ["roles/storage.objectUser"] # status and leases are overwritten
  rows    = { view = ["roles/bigquery.dataViewer"], edit = ["roles/bigquery.dataEditor"] }

  service_access = {
    collector = {
      buckets   = { raw = local.creates, staging = local.creates, state = local.keeps }
      datasets  = { mlb_historical_data = local.rows.view }
      publishes = ["data.collected"]
      secrets   = ["odds-api-key", "weather-api-key"]
      settings  = { HANKSTANK_MAX_TICK_RANGE_DAYS = "31" } # as much as fits into a push deadline
    }
    validator = {
      buckets   = { staging = local.creates, reports = local.creates, state = local.keeps } # quarantine is in staging
      datasets  = { mlb_historical_data = local.rows.view }
      publishes = ["data.validated", "data.retry"]
      secrets   = []
      settings  = {}
    }
    loader = { # its daily check restores pointers, deletes damaged forecasts, and has other services make lost data again
      buckets   = { staging = local.reads, reports = local.reads, models = local.reads, releases = local.keeps, forecasts = local.keeps, state = local.keeps }
      datasets  = { mlb_historical_data = local.rows.edit, mlb_predictions = local.rows.edit, mlb_features = local.rows.view, mlb_staging = local.rows.edit }
      publishes = ["data.loaded", "data-collection-trigger", "data.retry"]
      secrets   = []
      settings  = {}
    }
    features = {
      buckets   = { releases = local.creates, state = local.keeps }
      datasets  = { mlb_historical_data = local.rows.view, mlb_predictions = local.rows.view, mlb_features = local.rows.edit, mlb_staging = local.rows.edit }
      publishes = ["features.created"]
      secrets   = []
      settings  = {}
    }
    trainer = {
      buckets   = { models = ["roles/storage.objectAdmin"], releases = local.creates, state = local.keeps }
      datasets  = { mlb_historical_data = local.rows.view, mlb_features = local.rows.view, mlb_predictions = local.rows.view }
      publishes = ["model.deployed"]
      secrets   = []
      settings  = {}
    }
    predict_api = {
      buckets   = { models = local.reads, releases = local.reads, forecasts = local.creates, state = local.reads }
      datasets  = {}
      publishes = []
      secrets   = ["api-keys"]
      settings = merge(
        var.api_is_public ? {
          HANKSTANK_API_AUTH = "api_key"
          HANKSTANK_API_KEYS = "sm://${google_secret_manager_secret.key["api-keys"].id}/versions/latest"
        } : { HANKSTANK_API_AUTH = "iam" },
        var.has_redis ? { HANKSTANK_REDIS_URL = "redis://${google_redis_instance.cache[0].host}:${google_redis_instance.cache[0].port}" } : {},
      )
    }
  }

  settings = {
    HANKSTANK_PROJECT           = var.project.id
    HANKSTANK_REGION            = var.region
    HANKSTANK_BIGQUERY_LOCATION = var.bigquery_location
    HANKSTANK_BUCKET_PREFIX     = local.bucket_prefix
    HANKSTANK_BYTES_BILLED_CAP  = tostring(var.bytes_billed_cap)
  }
  environments = { for name, access in local.service_access : name => merge(
    local.settings,
    access.settings,
    contains(var.notifying_services, name) ? { HANKSTANK_NOTIFY = "sm://projects/${var.project.id}/secrets/${google_secret_manager_secret.key["notify-targets"].secret_id}/versions/latest" } : {},
  ) }
  has_targets = length(var.notifying_services) > 0
  is_api      = { for service in keys(local.services) : service => service == "predict_api" }

  dataset_ids = merge({ for name, dataset in google_bigquery_dataset.warehouse : name => dataset.dataset_id }, { mlb_staging = google_bigquery_dataset.staging.dataset_id })
}

module "service" {
  source   = "../event_service"
  for_each = local.services

  name    = each.key
  service = merge(each.value, var.is_warm ? {} : { min_instances = 0 })
  project = var.project
  region  = var.region
  image   = lookup(var.images, each.key, null)
  bundle = each.value.runs_as == "function" ? {
    bucket     = google_storage_bucket.platform["bundles"].name
    object     = "${each.key}-${var.bundles[each.key]}.zip"
    builder    = google_service_account.builder.id
    repository = google_artifact_registry_repository.images["functions"].id
  } : null

  environment = local.environments[each.key]
  ingress     = local.is_api[each.key] ? "ALL" : "INTERNAL_ONLY"
  public      = local.is_api[each.key] && var.api_is_public
  network     = local.is_api[each.key] && var.has_redis ? "default" : null

  subscriptions     = local.subscriptions[each.key]
  push_path         = local.is_api[each.key] ? "/events" : "/"
  pusher            = "${google_service_account.pusher.account_id}@${var.project.id}.iam.gserviceaccount.com"
  pubsub_agent      = local.agents.pubsub
  dead_letter_topic = "projects/${var.project.id}/topics/${google_pubsub_topic.dead_letters.name}"

  access = {
    buckets  = local.service_access[each.key].buckets
    datasets = { for name, roles in local.service_access[each.key].datasets : local.dataset_ids[name] => roles }
    publishes = toset(length(local.service_access[each.key].publishes) == 0 ? [] : concat( # a publisher also dead-letters
      [for name, topic in local.lane_topics : google_pubsub_topic.lane[name].name if contains(local.service_access[each.key].publishes, topic)],
      [google_pubsub_topic.dead_letters.name],
    ))
    secrets = toset([
      for name in concat(local.service_access[each.key].secrets, contains(var.notifying_services, each.key) ? ["notify-targets"] : []) :
      google_secret_manager_secret.key[name].secret_id
    ])
  }
  bucket_names        = { for name, bucket in google_storage_bucket.platform : name => bucket.name }
  deletion_protection = var.deletion_protection
}

# One cache for all instances of the API, where has_redis is set.
resource "google_redis_instance" "cache" {
  count = var.has_redis ? 1 : 0

  project        = var.project.id
  region         = var.region
  name           = "predictions"
  tier           = "BASIC"
  memory_size_gb = 1
  redis_version  = "REDIS_7_2"
  redis_configs  = { maxmemory-policy = "allkeys-lru" }
  depends_on     = [google_project_service.api]
}
