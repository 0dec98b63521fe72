output "addresses" { value = module.platform.addresses }
output "registry" { value = module.platform.registry }
output "bundles" { value = module.platform.bundles }
output "github" { value = module.platform.github }
output "access" { value = module.platform.access }
output "alert_conditions" { value = module.platform.alert_conditions }
output "images" { value = var.images } # planned with again where nothing new was built
