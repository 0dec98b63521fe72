# The access matrix, read back from the grants themselves; a grant that is not listed here fails the checks.

locals {
  grants = concat(
    flatten([for service in module.service : service.grants]),
    [for grant in [google_pubsub_topic_iam_member.dead_lettering] : { member = grant.member, role = grant.role, on = "topic ${grant.topic}" }],
    [for grant in [google_service_account_iam_member.signing] : { member = grant.member, role = grant.role, on = "account ${google_service_account.pusher.account_id}" }],
    [for grant in [google_cloud_run_v2_service_iam_member.uptime] : { member = grant.member, role = grant.role, on = "service ${grant.name}" }],
    [for grant in [google_storage_bucket_iam_member.archive] : { member = "log sink ${google_logging_project_sink.archive.name}", role = grant.role, on = "bucket ${grant.bucket}" }],
    [for grant in [google_artifact_registry_repository_iam_member.builder] : { member = grant.member, role = grant.role, on = "repository ${grant.repository}" }],
    [for grant in google_project_iam_member.builder : { member = grant.member, role = grant.role, on = join(", only ", concat(["project"], grant.condition[*].title)) }],
    [for grant in google_project_iam_member.github : { member = grant.member, role = grant.role, on = "project" }],
    [for grant in [google_project_iam_member.granting] : { member = grant.member, role = grant.role, on = join(", only ", concat(["project"], grant.condition[*].title)) }],
    [for account, grant in google_service_account_iam_member.acting : { member = grant.member, role = grant.role, on = "account ${account}" }],
    [for account, grant in google_service_account_iam_member.federation : { member = "workflows that ${reverse(split("/", grant.member))[0]}", role = grant.role, on = "account ${account}" }],
  )
  access = { for grant in local.grants : trimprefix(trimsuffix(grant.member, "@${var.project.id}.iam.gserviceaccount.com"), "serviceAccount:") => "${grant.role} on ${grant.on}"... }
}
