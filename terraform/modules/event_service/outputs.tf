output "account" {
  description = "E-mail of the service's account."
  value       = local.account
}

output "address" {
  description = "The address of the service, which is also the audience of its pushes."
  value       = local.address
}

output "host" {
  description = "Name of the function or service."
  value       = local.host
}

output "subscriptions" {
  description = "The service's push subscriptions by name."
  value       = google_pubsub_subscription.push
}

output "grants" {
  description = "Every grant that this module makes."
  value = concat(
    [for grant in concat([google_cloud_run_v2_service_iam_member.pusher], google_cloud_run_v2_service_iam_member.everybody) : { member = grant.member, role = grant.role, on = "service ${grant.name}" }],
    [for grant in google_pubsub_subscription_iam_member.dead_lettering : { member = grant.member, role = grant.role, on = "subscription ${grant.subscription}" }],
    [for grant in google_cloud_run_v2_job_iam_member.service : { member = grant.member, role = grant.role, on = "job ${grant.name}" }],
    [for grant in google_storage_bucket_iam_member.service : { member = grant.member, role = grant.role, on = "bucket ${grant.bucket}" }],
    [for grant in google_bigquery_dataset_iam_member.service : { member = grant.member, role = grant.role, on = "dataset ${grant.dataset_id}" }],
    [for grant in google_project_iam_member.queries : { member = grant.member, role = grant.role, on = "project" }],
    [for grant in google_pubsub_topic_iam_member.service : { member = grant.member, role = grant.role, on = "topic ${grant.topic}" }],
    [for grant in google_secret_manager_secret_iam_member.service : { member = grant.member, role = grant.role, on = "secret ${grant.secret_id}" }],
  )
}
