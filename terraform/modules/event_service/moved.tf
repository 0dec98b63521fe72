# Earlier names of these resources: a deployed state follows the rename and nothing is replaced.

moved {
  from = google_service_account.room
  to   = google_service_account.service
}

moved {
  from = google_cloudfunctions2_function.room
  to   = google_cloudfunctions2_function.service
}

moved {
  from = google_cloud_run_v2_service.room
  to   = google_cloud_run_v2_service.service
}

moved {
  from = google_cloud_run_v2_job.room
  to   = google_cloud_run_v2_job.service
}

moved {
  from = google_cloud_run_v2_job_iam_member.room
  to   = google_cloud_run_v2_job_iam_member.service
}

moved {
  from = google_storage_bucket_iam_member.room
  to   = google_storage_bucket_iam_member.service
}

moved {
  from = google_bigquery_dataset_iam_member.room
  to   = google_bigquery_dataset_iam_member.service
}

moved {
  from = google_pubsub_topic_iam_member.room
  to   = google_pubsub_topic_iam_member.service
}

moved {
  from = google_secret_manager_secret_iam_member.room
  to   = google_secret_manager_secret_iam_member.service
}

moved {
  from = google_pubsub_subscription.pushed
  to   = google_pubsub_subscription.push
}
