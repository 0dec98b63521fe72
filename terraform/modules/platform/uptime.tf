# Checks from outside, every five minutes, that the API is ready. The path is not /healthz: Google reserves it on run.app.

resource "google_monitoring_uptime_check_config" "api" {
  project      = var.project.id
  display_name = "predict-api is ready"
  timeout      = "10s"
  period       = "300s"

  http_check {
    path         = "/readyz"
    port         = 443
    use_ssl      = true
    validate_ssl = true
    service_agent_authentication {
      type = "OIDC_TOKEN"
    }
  }

  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project.id, host = trimprefix(module.service["predict_api"].address, "https://") }
  }
}

resource "google_cloud_run_v2_service_iam_member" "uptime" {
  project  = var.project.id
  location = var.region
  name     = module.service["predict_api"].host
  role     = "roles/run.invoker"
  member   = local.agents.monitoring
}
