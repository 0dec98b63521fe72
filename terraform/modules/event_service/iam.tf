# Who may call the service, and everything that the service's account may do.

locals {
  member = "serviceAccount:${local.account}"

  bucket_roles  = { for pair in flatten([for bucket, roles in var.access.buckets : [for role in roles : { bucket = bucket, role = role }]]) : "${pair.bucket} ${pair.role}" => pair }
  dataset_roles = { for pair in flatten([for dataset, roles in var.access.datasets : [for role in roles : { dataset = dataset, role = role }]]) : "${pair.dataset} ${pair.role}" => pair }
}

# A second-generation function is a Cloud Run service of the same name.
resource "google_cloud_run_v2_service_iam_member" "pusher" {
  project  = var.project.id
  location = var.region
  name     = one(concat(google_cloudfunctions2_function.service[*].name, google_cloud_run_v2_service.service[*].name))
  role     = "roles/run.invoker"
  member   = "serviceAccount:${var.pusher}"
}

resource "google_cloud_run_v2_service_iam_member" "everybody" {
  count = var.public ? 1 : 0

  project  = var.project.id
  location = var.region
  name     = google_cloud_run_v2_service.service[0].name
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_v2_job_iam_member" "service" {
  for_each = toset(google_cloud_run_v2_job.service[*].name)

  project  = var.project.id
  location = var.region
  name     = each.value
  role     = "roles/run.jobsExecutorWithOverrides" # the push body travels in an override
  member   = local.member
}

resource "google_storage_bucket_iam_member" "service" {
  for_each = local.bucket_roles

  bucket = var.bucket_names[each.value.bucket]
  role   = each.value.role
  member = local.member
}

resource "google_bigquery_dataset_iam_member" "service" {
  for_each = local.dataset_roles

  project    = var.project.id
  dataset_id = each.value.dataset
  role       = each.value.role
  member     = local.member
}

# The only role on the whole project: a query is a job, and jobs have no smaller home.
resource "google_project_iam_member" "queries" {
  count = length(var.access.datasets) > 0 ? 1 : 0

  project = var.project.id
  role    = "roles/bigquery.jobUser"
  member  = local.member
}

resource "google_pubsub_topic_iam_member" "service" {
  for_each = var.access.publishes

  project = var.project.id
  topic   = each.value
  role    = "roles/pubsub.publisher"
  member  = local.member
}

resource "google_secret_manager_secret_iam_member" "service" {
  for_each = var.access.secrets

  project   = var.project.id
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = local.member
}
