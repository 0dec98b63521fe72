# One service: its account, the function or service that answers pushes, and the job for work that outlasts a push.

locals {
  host        = replace(var.name, "_", "-")
  is_function = var.service.runs_as == "function"
  has_job     = var.service.job != null
  job_name    = "${local.host}-job"

  # Both addresses are known before anything exists, so the service can be given the audience that it checks.
  address = (local.is_function
    ? "https://${var.region}-${var.project.id}.cloudfunctions.net/${local.host}"
    : "https://${local.host}-${var.project.number}.${var.region}.run.app"
  )
  endpoint = local.is_function ? local.address : "${local.address}${var.push_path}"

  settings = merge(
    var.environment,
    {
      HANKSTANK_PUSH_SERVICE_ACCOUNT  = var.pusher
      HANKSTANK_PUSH_AUDIENCE         = local.address
      HANKSTANK_PUSHES_CHECKED_BY_IAM = tostring(!var.public)
    },
    local.has_job ? { HANKSTANK_RUN_JOB = "projects/${var.project.id}/locations/${var.region}/jobs/${local.job_name}" } : {},
  )
  account = "${google_service_account.service.account_id}@${var.project.id}.iam.gserviceaccount.com"
}

resource "google_service_account" "service" {
  project      = var.project.id
  account_id   = local.host
  display_name = "Hank's Tank: ${var.name}"
}

# A function is pushed at its cloudfunctions.net address, which Google does not count as internal even for
# Pub/Sub of the same project; so its network is open, and IAM refuses everybody but the account that signs pushes.
resource "google_cloudfunctions2_function" "service" {
  count = local.is_function ? 1 : 0

  project  = var.project.id
  location = var.region
  name     = local.host

  build_config {
    runtime           = "python311"
    entry_point       = var.service.target
    service_account   = var.bundle.builder
    docker_repository = var.bundle.repository
    source {
      storage_source {
        bucket = var.bundle.bucket
        object = var.bundle.object
      }
    }
  }

  service_config {
    available_memory                 = "${var.service.memory_mib}Mi"
    available_cpu                    = tostring(var.service.cpu)
    timeout_seconds                  = var.service.timeout_s
    min_instance_count               = var.service.min_instances
    max_instance_count               = var.service.max_instances
    max_instance_request_concurrency = var.service.concurrency
    all_traffic_on_latest_revision   = true
    ingress_settings                 = "ALLOW_ALL"
    service_account_email            = local.account
    environment_variables            = local.settings
  }
}

resource "google_cloud_run_v2_service" "service" {
  count = local.is_function ? 0 : 1

  project             = var.project.id
  location            = var.region
  name                = local.host
  ingress             = "INGRESS_TRAFFIC_${var.ingress}"
  deletion_protection = var.deletion_protection

  template {
    service_account                  = local.account
    timeout                          = "${var.service.timeout_s}s"
    max_instance_request_concurrency = var.service.concurrency

    scaling {
      min_instance_count = var.service.min_instances
      max_instance_count = var.service.max_instances
    }

    containers {
      image = var.image

      resources {
        limits            = { cpu = tostring(var.service.cpu), memory = "${var.service.memory_mib}Mi" }
        cpu_idle          = true # CPU is paid while a request is answered
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = local.settings
        content {
          name  = env.key
          value = env.value
        }
      }
    }

    dynamic "vpc_access" {
      for_each = var.network[*]
      content {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          network = vpc_access.value
        }
      }
    }
  }

  # Traffic belongs to the deployment, which moves it once the new revision is healthy, and back on rollback.
  lifecycle {
    ignore_changes = [traffic, client, client_version]
  }
}

resource "google_cloud_run_v2_job" "service" {
  count = local.has_job ? 1 : 0

  project             = var.project.id
  location            = var.region
  name                = local.job_name
  deletion_protection = var.deletion_protection

  template {
    template {
      service_account = local.account
      timeout         = "${var.service.job.timeout_s}s"
      max_retries     = 0 # Pub/Sub redelivers the push that started it, which starts it again

      containers {
        image   = var.image
        command = ["python", "-m", "services.${var.name}.job"]

        resources {
          limits = { cpu = tostring(var.service.job.cpu), memory = "${var.service.job.memory_mib}Mi" }
        }

        dynamic "env" {
          for_each = var.environment
          content {
            name  = env.key
            value = env.value
          }
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [client, client_version]
  }
}
