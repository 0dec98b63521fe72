variable "name" {
  description = "The service's name in shared/runtime/services.json."
  type        = string
}

variable "service" {
  description = "The service's entry in shared/runtime/services.json: what it runs as, its sizes, and its job where it has one."
  type = object({
    runs_as       = string
    target        = string
    memory_mib    = number
    cpu           = number
    timeout_s     = number
    min_instances = number
    max_instances = number
    concurrency   = number
    job = optional(object({
      memory_mib = number
      cpu        = number
      timeout_s  = number
    }))
  })
  validation {
    condition     = contains(["function", "service"], var.service.runs_as)
    error_message = "runs_as must be function or service, got ${var.service.runs_as}."
  }
}

variable "project" {
  description = "The project's id, and its number, which is part of every Cloud Run address."
  type        = object({ id = string, number = string })
}

variable "region" {
  type = string
}

variable "image" {
  description = "Image of a service and its job, by digest."
  type        = string
  default     = null
  validation {
    condition     = var.service.runs_as == "function" || can(regex("(@sha256:[0-9a-f]{64}|:[^:/]+)$", var.image))
    error_message = "A service needs an image with a digest or a tag."
  }
}

variable "bundle" {
  description = "Source of a function: bucket, object, and who builds it into which repository."
  type = object({
    bucket     = string
    object     = string
    builder    = string
    repository = string
  })
  default = null
  validation {
    condition     = var.service.runs_as == "service" || var.bundle != null
    error_message = "A function needs a bundle."
  }
}

variable "environment" {
  description = "Settings (HANKSTANK_…) beside those that this module knows by itself."
  type        = map(string)
}

variable "ingress" {
  description = "Who reaches a service's network: INTERNAL_ONLY takes pushes of this project's Pub/Sub and nothing from outside."
  type        = string
  default     = "INTERNAL_ONLY"
}

variable "network" {
  description = "Network that a service reaches private addresses through; null where it needs none."
  type        = string
  default     = null
}

variable "public" {
  description = "Whether anybody may call the service."
  type        = bool
  default     = false
}

variable "subscriptions" {
  description = "Subscription name -> topic name."
  type        = map(string)
}

variable "push_path" {
  description = "Path of pushes."
  type        = string
  default     = "/"
}

variable "pusher" {
  description = "E-mail of the account that signs pushes."
  type        = string
}

variable "pubsub_agent" {
  description = "IAM member: Pub/Sub's own account in this project."
  type        = string
}

variable "dead_letter_topic" {
  description = "Full name of the topic for deliveries that failed twenty times."
  type        = string
}

variable "access" {
  description = "All that the service may access: roles by bucket, dataset and secret, and topics that it publishes on."
  type = object({
    buckets   = map(list(string))
    datasets  = map(list(string))
    publishes = set(string)
    secrets   = set(string)
  })
}

variable "bucket_names" {
  description = "A bucket's name by what we call it."
  type        = map(string)
}

variable "deletion_protection" {
  type = bool
}
