# Buckets: those of shared/storage/buckets.json, and those that only the platform uses.

locals {
  # By bucket: what happens to an object, and after how many days.
  ageing = {
    raw     = [{ action = "SetStorageClass", class = "NEARLINE", days = 90 }, { action = "SetStorageClass", class = "COLDLINE", days = 365 }]
    staging = [{ action = "Delete", class = null, days = 14 }]
    logs    = [{ action = "SetStorageClass", class = "NEARLINE", days = 30 }, { action = "Delete", class = null, days = 365 }]
  }
  versioned  = ["models"]
  short_kept = ["staging", "state"] # overwritten or dropped daily: keeping what was deleted would only cost
  buckets    = setunion(values(local.folders), ["state", "logs", "bundles"])
}

resource "google_storage_bucket" "platform" {
  for_each = local.buckets

  project                     = var.project.id
  name                        = "${local.bucket_prefix}-${each.value}"
  location                    = var.region
  force_destroy               = !var.deletion_protection
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = contains(local.versioned, each.value)
  }

  soft_delete_policy {
    retention_duration_seconds = contains(local.short_kept, each.value) ? 0 : 604800
  }

  dynamic "lifecycle_rule" {
    for_each = lookup(local.ageing, each.value, [])
    content {
      action {
        type          = lifecycle_rule.value.action
        storage_class = lifecycle_rule.value.class
      }
      condition {
        age = lifecycle_rule.value.days
      }
    }
  }

  # Pub/Sub redelivers for a week at most; after that nothing reads the lease.
  dynamic "lifecycle_rule" {
    for_each = each.value == "state" ? [30] : []
    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = ["leases/"]
      }
    }
  }

  # A version that was replaced or deleted can be brought back for a season.
  dynamic "lifecycle_rule" {
    for_each = contains(local.versioned, each.value) ? [365] : []
    content {
      action {
        type = "Delete"
      }
      condition {
        days_since_noncurrent_time = lifecycle_rule.value
      }
    }
  }

  depends_on = [google_project_service.api]
}
