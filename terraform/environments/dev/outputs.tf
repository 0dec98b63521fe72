output "addresses" { value = module.house.addresses }
output "registry" { value = module.house.registry }
output "bundles" { value = module.house.bundles }
output "github" { value = module.house.github }
output "access" { value = module.house.access }
output "alert_conditions" { value = module.house.alert_conditions }
output "images" { value = var.images } # planned with again where nothing new was built
