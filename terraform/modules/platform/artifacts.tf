# Image repositories, how long they keep images, and the account that builds functions.

resource "google_artifact_registry_repository" "images" {
  for_each = { services = "Images of features, trainer and predict_api.", functions = "Images that Cloud Build makes of the bundles." }

  project       = var.project.id
  location      = var.region
  repository_id = each.key
  description   = each.value
  format        = "DOCKER"

  cleanup_policies {
    id     = "newest-stay"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }
  cleanup_policies {
    id     = "old-go"
    action = "DELETE"
    condition {
      tag_state  = "ANY"
      older_than = "2592000s"
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_service_account" "builder" {
  project      = var.project.id
  account_id   = "builder"
  display_name = "Hank's Tank: builds functions"
  depends_on   = [google_project_service.api]
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  project    = var.project.id
  location   = var.region
  repository = google_artifact_registry_repository.images["functions"].repository_id
  role       = "roles/artifactregistry.writer"
  member     = local.builder
}

resource "google_project_iam_member" "builder" {
  for_each = { "roles/logging.logWriter" = null, "roles/storage.objectViewer" = local.sources_only }

  project = var.project.id
  role    = each.key
  member  = local.builder

  dynamic "condition" {
    for_each = each.value[*]
    content {
      title      = "sources-of-functions"
      expression = condition.value
    }
  }
}

locals {
  builder = "serviceAccount:${google_service_account.builder.account_id}@${var.project.id}.iam.gserviceaccount.com"
  # Cloud Functions copies a bundle into a bucket of its own before it is built, and makes that bucket by itself.
  sources_only = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-\")"
}
