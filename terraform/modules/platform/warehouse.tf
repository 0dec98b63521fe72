# Datasets, the tables of shared/sports/mlb/tables with the columns that every table has, and the views of
# shared/sports/mlb/views.

locals {
  datasets = {
    mlb_historical_data = "What happened: games, plays, players; one table for each file in shared/sports/mlb/tables."
    mlb_features        = "What was known before the first pitch."
    mlb_predictions     = "Forecasts as they were answered, and their scores."
  }
}

resource "google_bigquery_dataset" "warehouse" {
  for_each = local.datasets

  project                    = var.project.id
  dataset_id                 = each.key
  location                   = var.bigquery_location
  description                = each.value
  delete_contents_on_destroy = false
  depends_on                 = [google_project_service.api]
}

resource "google_bigquery_dataset" "staging" {
  project                     = var.project.id
  dataset_id                  = "mlb_staging"
  location                    = var.bigquery_location
  description                 = "Rows on their way into a table, for a day at most."
  default_table_expiration_ms = 86400000
  max_time_travel_hours       = "48"
  delete_contents_on_destroy  = true
  depends_on                  = [google_project_service.api]
}

resource "google_bigquery_table" "warehouse" {
  for_each = local.tables

  project                  = var.project.id
  dataset_id               = google_bigquery_dataset.warehouse[each.value.dataset].dataset_id
  table_id                 = each.key
  description              = each.value.description
  clustering               = length(each.value.cluster) > 0 ? each.value.cluster : null
  require_partition_filter = try(each.value.require_partition_filter, false)
  deletion_protection      = var.deletion_protection

  # A column with an earlier value accepts null: BigQuery adds no required column to a table that has rows.
  schema = jsonencode([for field in concat(each.value.fields, local.lineage.lineage, local.lineage.stamps) : {
    name        = field.name
    type        = field.type
    mode        = try(field.required, false) && try(field.earlier_value, "") == "" ? "REQUIRED" : "NULLABLE"
    description = field.description
  }])

  dynamic "time_partitioning" {
    for_each = each.value.partition[*]
    content {
      type  = "DAY"
      field = time_partitioning.value
    }
  }
}

# Without a schema: the provider takes one or a view, and BigQuery reads the columns off the SELECT. A view is read
# with its reader's own access to the tables, which are in its dataset.
resource "google_bigquery_table" "view" {
  for_each = local.views

  project             = var.project.id
  dataset_id          = google_bigquery_dataset.warehouse[each.value.dataset].dataset_id
  table_id            = each.key
  description         = join(" ", concat([each.value.description], each.value.pitfalls))
  deletion_protection = false # it holds no rows
  depends_on          = [google_bigquery_table.warehouse]

  view {
    # BigQuery stores a view only if its tables are named with their project.
    query          = replace(file("${local.shared}/sports/mlb/views/${each.key}.sql"), "/\\b(mlb_\\w+\\.\\w+)/", "`${var.project.id}.$1`")
    use_legacy_sql = false
  }
}
