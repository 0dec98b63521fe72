variable "project" {
  description = "The Google Cloud project: its id and its number (`gcloud projects describe`)."
  type        = object({ id = string, number = string })
  validation {
    condition     = can(regex("^[0-9]+$", var.project.number))
    error_message = "The project's number is digits only, got ${var.project.number}."
  }
}

variable "region" {
  type    = string
  default = "us-central1"
}

variable "bigquery_location" {
  type    = string
  default = "US"
}

variable "bucket_prefix" {
  description = "Buckets are <prefix>-<bucket>; null: the project's id."
  type        = string
  default     = null
}

variable "images" {
  description = "Image by service and digest: features, trainer, predict_api."
  type        = map(string)
}

variable "bundles" {
  description = "SHA-256 of each function's bundle: the object <service>-<sha>.zip in the bundles bucket."
  type        = map(string)
  validation {
    condition     = alltrue([for sha in values(var.bundles) : can(regex("^[0-9a-f]{64}$", sha))])
    error_message = "A bundle is named by the 64 hex digits of its SHA-256."
  }
}

variable "api_is_public" {
  description = "Whether anybody may call the API; otherwise only accounts with run.invoker on it."
  type        = bool
  default     = false
}

variable "is_ticking" {
  description = "Whether the schedule runs."
  type        = bool
  default     = true
}

variable "is_warm" {
  description = "Whether the API keeps an instance waiting, as shared/runtime/services.json says; otherwise the first request waits until one has started."
  type        = bool
  default     = true
}

variable "has_redis" {
  description = "Whether the API's prediction cache is shared between instances."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Whether tables, services and full buckets are kept from being destroyed."
  type        = bool
  default     = true
}

variable "bytes_billed_cap" {
  description = "Most bytes that one query may read."
  type        = number
  default     = 20e9
}

variable "billing_account" {
  type = string
}

variable "monthly_budget_usd" {
  type    = number
  default = 35 # with a warm instance of the API: docs/cost.md
}

variable "daily_cost_usd" {
  description = "Estimated cost of a day that is worth an e-mail."
  type        = number
  default     = 5
}

variable "alert_email" {
  type = string
}

variable "slack_channel" {
  description = "Name of a Slack notification channel (projects/…/notificationChannels/…) for critical alerts; null: e-mail only."
  type        = string
  default     = null
}

variable "notifying_services" {
  description = "Services that send alerts and reports to the targets in the secret notify-targets too: those that may read it; empty: Cloud Monitoring alone sends alerts."
  type        = set(string)
  default     = []
  validation {
    condition     = length(setsubtract(var.notifying_services, ["collector", "validator", "loader", "features", "trainer"])) == 0
    error_message = "Only collector, validator, loader, features and trainer can notify; the API faces the internet and does not, got ${join(", ", var.notifying_services)}."
  }
}

variable "github" {
  description = "Repository (owner/name) and branch that may deploy."
  type        = object({ repository = string, branch = optional(string, "main") })
}
