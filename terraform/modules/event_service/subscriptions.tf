# Push subscriptions: signed, with long backoff, and a dead-letter topic for deliveries that never succeed.

resource "google_pubsub_subscription" "push" {
  for_each = var.subscriptions

  project                    = var.project.id
  name                       = each.key
  topic                      = each.value
  ack_deadline_seconds       = 600
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = "" # never: a winter is longer than the 31 quiet days after which a subscription would vanish
  }

  push_config {
    push_endpoint = local.endpoint
    oidc_token {
      service_account_email = var.pusher
      audience              = local.address
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = var.dead_letter_topic
    max_delivery_attempts = 20
  }
}

# Pub/Sub takes a message from the subscription when it moves it to the dead letters.
resource "google_pubsub_subscription_iam_member" "dead_lettering" {
  for_each = google_pubsub_subscription.push

  project      = var.project.id
  subscription = each.value.name
  role         = "roles/pubsub.subscriber"
  member       = var.pubsub_agent
}
