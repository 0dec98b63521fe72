# A function and a service with a job, planned against a mocked Google.
mock_provider "google" {}

variables {
  name                = "loader"
  service             = { runs_as = "function", target = "load", memory_mib = 2048, cpu = 1, timeout_s = 540, min_instances = 0, max_instances = 3, concurrency = 1 }
  project             = { id = "tank", number = "123" }
  region              = "us-central1"
  bundle              = { bucket = "tank-bundles", object = "loader.zip", builder = "builder", repository = "functions" }
  environment         = { HANKSTANK_PROJECT = "tank" }
  subscriptions       = { "data.validated--loader" = "data.validated" }
  pusher              = "push-sender@tank.iam.gserviceaccount.com"
  pubsub_agent        = "serviceAccount:service-123@gcp-sa-pubsub.iam.gserviceaccount.com"
  dead_letter_topic   = "projects/tank/topics/dead-letters"
  access              = { buckets = {}, datasets = {}, publishes = [], secrets = [] }
  bucket_names        = {}
  deletion_protection = true
}

run "a_function" {
  command = plan

  assert {
    condition     = google_cloudfunctions2_function.service[0].service_config[0].available_memory == "2048Mi" && google_cloudfunctions2_function.service[0].service_config[0].timeout_seconds == 540
    error_message = "The function does not have the size in services.json."
  }

  assert {
    condition     = google_cloudfunctions2_function.service[0].service_config[0].environment_variables["HANKSTANK_PUSH_AUDIENCE"] == google_pubsub_subscription.push["data.validated--loader"].push_config[0].oidc_token[0].audience
    error_message = "The function expects another audience than its pushes are signed for."
  }

  assert {
    condition     = length(google_cloud_run_v2_service.service) + length(google_cloud_run_v2_job.service) == 0
    error_message = "A function came with a service or a job."
  }

  assert {
    condition     = !contains(output.grants[*].on, "project")
    error_message = "A service that reads no dataset may run queries."
  }
}

run "a_service_with_a_job" {
  command = plan

  variables {
    name    = "trainer"
    image   = "r/trainer:1"
    service = { runs_as = "service", target = "train", memory_mib = 1024, cpu = 1, timeout_s = 60, min_instances = 0, max_instances = 2, concurrency = 1, job = { memory_mib = 8192, cpu = 2, timeout_s = 3600 } }
  }

  assert {
    condition     = google_cloud_run_v2_service.service[0].ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"
    error_message = "The service can be reached from outside the project."
  }

  assert {
    condition     = { for setting in google_cloud_run_v2_service.service[0].template[0].containers[0].env : setting.name => setting.value }["HANKSTANK_RUN_JOB"] == "projects/tank/locations/us-central1/jobs/trainer-job"
    error_message = "The service does not know its job."
  }

  assert {
    condition     = google_cloud_run_v2_job.service[0].template[0].template[0].containers[0].resources[0].limits["memory"] == "8192Mi" && google_cloud_run_v2_job.service[0].template[0].template[0].timeout == "3600s"
    error_message = "The job does not have the size in services.json."
  }

  assert {
    condition     = [for setting in google_cloud_run_v2_job.service[0].template[0].template[0].containers[0].env : setting.name] == ["HANKSTANK_PROJECT"]
    error_message = "The job got settings for pushes, or a job to start."
  }
}

run "a_service_without_an_image" {
  command         = plan
  expect_failures = [var.image]

  variables {
    service = { runs_as = "service", target = "load", memory_mib = 512, cpu = 1, timeout_s = 60, min_instances = 0, max_instances = 1, concurrency = 1 }
  }
}
