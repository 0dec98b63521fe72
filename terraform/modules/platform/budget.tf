# The budget of a month. Mail goes out at half, nine tenths and all of it, and when the forecast exceeds it.

resource "google_billing_budget" "month" {
  billing_account = var.billing_account
  display_name    = "Hank's Tank ${var.project.id}"

  budget_filter {
    projects = ["projects/${var.project.number}"]
  }

  amount {
    specified_amount {
      currency_code = "USD"
      units         = tostring(var.monthly_budget_usd)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1]
    content {
      threshold_percent = threshold_rules.value
    }
  }
  threshold_rules {
    threshold_percent = 1
    spend_basis       = "FORECASTED_SPEND"
  }

  all_updates_rule {
    monitoring_notification_channels = [google_monitoring_notification_channel.email.name]
  }
}
