# Secrets without values. You add the values by hand (docs/cloud.md), never by Terraform, whose state would show them.

resource "google_secret_manager_secret" "key" {
  for_each = toset(concat(["odds-api-key", "weather-api-key", "slack-token", "api-keys"], local.has_targets ? ["notify-targets"] : []))

  project   = var.project.id
  secret_id = each.value

  replication {
    auto {}
  }

  depends_on = [google_project_service.api]
}
