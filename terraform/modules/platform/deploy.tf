# Deployments: the workflows of one GitHub repository, without a stored key. Its branch applies; its pull requests only plan.

locals {
  github = { for who in ["deploy", "planner"] : who => "serviceAccount:${google_service_account.github[who].account_id}@${var.project.id}.iam.gserviceaccount.com" }

  github_roles = {
    deploy = concat([
      "roles/artifactregistry.admin", "roles/bigquery.dataOwner", "roles/cloudfunctions.developer", "roles/cloudscheduler.admin",
      "roles/iam.serviceAccountAdmin", "roles/iam.workloadIdentityPoolAdmin", "roles/logging.configWriter", "roles/monitoring.editor",
      "roles/pubsub.admin", "roles/run.admin", "roles/secretmanager.admin", "roles/serviceusage.serviceUsageAdmin", "roles/storage.admin",
    ], var.has_redis ? ["roles/redis.admin"] : [])
    # Names and settings, no row, no secret, no object.
    planner = concat([
      "roles/artifactregistry.reader", "roles/bigquery.metadataViewer", "roles/cloudfunctions.viewer", "roles/cloudscheduler.viewer",
      "roles/iam.securityReviewer", "roles/iam.workloadIdentityPoolViewer", "roles/logging.viewer", "roles/monitoring.viewer",
      "roles/pubsub.viewer", "roles/run.viewer", "roles/secretmanager.viewer", "roles/serviceusage.serviceUsageViewer",
      "roles/storage.bucketViewer",
    ], var.has_redis ? ["roles/redis.viewer"] : [])
  }
  github_grants = merge([for who, roles in local.github_roles : { for role in roles : "${who} ${role}" => { who = who, role = role } }]...)

  # The roles that a deployment may hand out on the project: those of the services and of the builder, never its own.
  grantable = ["roles/bigquery.jobUser", "roles/logging.logWriter", "roles/storage.objectViewer"]
}

resource "google_service_account" "github" {
  for_each = { deploy = "applies Terraform from ${var.github.branch}", planner = "plans Terraform for pull requests" }

  project      = var.project.id
  account_id   = each.key
  display_name = "Hank's Tank: ${each.value}"
  depends_on   = [google_project_service.api]
}

resource "google_project_iam_member" "github" {
  for_each = local.github_grants

  project = var.project.id
  role    = each.value.role
  member  = local.github[each.value.who]
}

resource "google_project_iam_member" "granting" {
  project = var.project.id
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = local.github["deploy"]

  condition {
    title      = "roles-of-services"
    expression = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly([${join(", ", [for role in local.grantable : "'${role}'"])}])"
  }
}

# A deployment runs each service as the service's own account.
resource "google_service_account_iam_member" "acting" {
  for_each = merge(
    { for service in keys(local.services) : replace(service, "_", "-") => "projects/${var.project.id}/serviceAccounts/${module.service[service].account}" },
    { push-sender = google_service_account.pusher.name, builder = google_service_account.builder.name },
  )

  service_account_id = each.value
  role               = "roles/iam.serviceAccountUser"
  member             = local.github["deploy"]
}

resource "google_iam_workload_identity_pool" "github" {
  project                   = var.project.id
  workload_identity_pool_id = "github"
  display_name              = "GitHub Actions"
  depends_on                = [google_project_service.api]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  project                            = var.project.id
  workload_identity_pool_id          = google_iam_workload_identity_pool.github.workload_identity_pool_id
  workload_identity_pool_provider_id = "actions"
  # A pull_request_target runs a fork's change with the branch's rights.
  attribute_condition = "assertion.repository == '${var.github.repository}' && assertion.event_name != 'pull_request_target'"
  attribute_mapping = {
    "google.subject" = "assertion.sub"
    "attribute.does" = "assertion.ref == 'refs/heads/${var.github.branch}' ? 'deploy' : 'plan'"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "federation" {
  for_each = { deploy = "deploy", planner = "plan" }

  service_account_id = google_service_account.github[each.key].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/projects/${var.project.number}/locations/global/workloadIdentityPools/${google_iam_workload_identity_pool.github.workload_identity_pool_id}/attribute.does/${each.value}"
}
