# Topics by lane, and the dead letters. Who subscribes to what is stated once, in shared/messaging/topology.json.

locals {
  lane_topics   = merge([for topic, edge in local.topology : { for lane in edge.lanes : (lane == "live" ? topic : "${lane}.${topic}") => topic }]...)
  edges         = flatten([for name, topic in local.lane_topics : [for service in local.topology[topic].subscribers : { topic = name, service = service }]])
  subscriptions = { for service in keys(local.services) : service => { for edge in local.edges : "${edge.topic}--${edge.service}" => google_pubsub_topic.lane[edge.topic].name if edge.service == service } }
}

resource "google_pubsub_topic" "lane" {
  for_each = local.lane_topics

  project    = var.project.id
  name       = each.key
  depends_on = [google_project_service.api]
}

resource "google_pubsub_topic" "dead_letters" {
  project    = var.project.id
  name       = "dead-letters"
  depends_on = [google_project_service.api]
}

# A dead-letter topic without a subscription keeps nothing.
resource "google_pubsub_subscription" "review" {
  project                    = var.project.id
  name                       = "dead-letters--review"
  topic                      = google_pubsub_topic.dead_letters.name
  ack_deadline_seconds       = 600
  message_retention_duration = "2678400s"

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "dead_lettering" {
  project = var.project.id
  topic   = google_pubsub_topic.dead_letters.name
  role    = "roles/pubsub.publisher"
  member  = local.agents.pubsub
}

# The account that Pub/Sub signs pushes as.
resource "google_service_account" "pusher" {
  project      = var.project.id
  account_id   = "push-sender"
  display_name = "Hank's Tank: signs pushes"
  depends_on   = [google_project_service.api]
}

resource "google_service_account_iam_member" "signing" {
  service_account_id = google_service_account.pusher.name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.agents.pubsub
}
