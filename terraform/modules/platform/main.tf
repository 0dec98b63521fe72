# What the platform is built from: data that the Python code reads too, names, and Google's own accounts in the project.

locals {
  shared   = "${path.module}/../../../shared"
  topology = jsondecode(file("${local.shared}/messaging/topology.json"))
  services = jsondecode(file("${local.shared}/runtime/services.json"))
  ticks    = jsondecode(file("${local.shared}/schedules.json"))
  folders  = jsondecode(file("${local.shared}/storage/buckets.json"))
  lineage  = jsondecode(file("${local.shared}/storage/lineage.json"))
  tables   = { for path in fileset("${local.shared}/sports/mlb/tables", "*.json") : trimsuffix(path, ".json") => jsondecode(file("${local.shared}/sports/mlb/tables/${path}")) }
  views    = { for path in fileset("${local.shared}/sports/mlb/views", "*.json") : trimsuffix(path, ".json") => jsondecode(file("${local.shared}/sports/mlb/views/${path}")) }

  bucket_prefix = coalesce(var.bucket_prefix, var.project.id)

  # Google's own accounts are known by the project's number.
  agents = {
    pubsub     = "serviceAccount:service-${var.project.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
    monitoring = "serviceAccount:service-${var.project.number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
  }
}

resource "google_project_service" "api" {
  for_each = toset(concat([
    "artifactregistry", "bigquery", "billingbudgets", "cloudbuild", "cloudfunctions", "cloudresourcemanager",
    "cloudscheduler", "iam", "iamcredentials", "logging", "monitoring", "pubsub", "run", "secretmanager", "storage", "sts",
  ], var.has_redis ? ["redis"] : []))

  project            = var.project.id
  service            = "${each.value}.googleapis.com"
  disable_on_destroy = false
}
