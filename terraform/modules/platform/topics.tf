# Topics by lane, and the dead letters. Who hears what is said once, in shared/messaging/topology.json.

locals {
  lane_topics = merge([for topic, edge in local.topology : { for lane in edge.lanes : (lane == "live" ? topic : "${lane}.${topic}") => topic }]...)
  edges       = flatten([for name, topic in local.lane_topics : [for room in local.topology[topic].subscribers : { topic = name, room = room }]])
  hears       = { for room in keys(local.rooms) : room => { for edge in local.edges : "${edge.topic}--${edge.room}" => google_pubsub_topic.lane[edge.topic].name if edge.room == room } }
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

# Without a subscription a dead-letter topic keeps nothing.
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

# The account in whose name Pub/Sub signs what it pushes.
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
