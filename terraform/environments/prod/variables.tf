# What differs between environments: set in terraform.tfvars (see terraform.tfvars.example) and by the deployment.
variable "project" { type = object({ id = string, number = string }) }
variable "billing_account" { type = string }
variable "alert_email" { type = string }
variable "slack_channel" {
  type    = string
  default = null
}
variable "notifying_services" {
  type    = set(string)
  default = []
}
variable "github" { type = object({ repository = string, branch = optional(string, "main") }) }
variable "images" { type = map(string) }
variable "bundles" { type = map(string) }
variable "api_is_public" {
  type    = bool
  default = false
}
