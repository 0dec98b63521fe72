# The environment to try things in: no schedule, nothing kept warm, a small budget, and everything may be destroyed.
terraform {
  required_version = ">= 1.11"
  required_providers {
    google = { source = "hashicorp/google", version = "~> 6.50" }
  }
  backend "gcs" {} # bucket and prefix: terraform init -backend-config=...
}

provider "google" {
  project               = var.project.id
  billing_project       = var.project.id
  user_project_override = true
}

module "platform" {
  source          = "../../modules/platform"
  project         = var.project
  images          = var.images
  bundles         = var.bundles
  billing_account = var.billing_account
  alert_email     = var.alert_email
  slack_channel   = var.slack_channel
  github          = var.github
  api_is_public   = var.api_is_public

  notifying_services = var.notifying_services

  is_ticking          = false
  is_warm             = false
  deletion_protection = false
  monthly_budget_usd  = 5
  daily_cost_usd      = 1
}

# The module's earlier name: a deployed state follows the rename and nothing is replaced.
moved {
  from = module.house
  to   = module.platform
}
