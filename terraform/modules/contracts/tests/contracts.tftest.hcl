# No provider at all, because contracts are files.

variables {
  contracts_dir = "../../tests/lake/contracts"
  sql_dir       = "../../tests/lake/sql"
}

run "defaults_are_written_out" {
  command = plan

  assert {
    condition = alltrue([
      output.contracts["visits"].worker == "G.1X",
      output.contracts["visits"].workers == 2,
      output.contracts["visits"].execution == "standard",
      output.contracts["visits"].timeout_min == 30,
      output.contracts["visits"].quarantine_days == 90,
    ])
    error_message = jsonencode(output.contracts["visits"])
  }
  assert {
    condition = alltrue([
      output.contracts["orders"].worker == "G.2X",
      output.contracts["orders"].freshness_hours == 24,
      output.contracts["orders"].prefix == "orders/",
    ])
    error_message = jsonencode(output.contracts["orders"])
  }
  assert {
    condition     = output.contracts["customers"].prefix == "crm/customers/" && output.contracts["customers"].masked
    error_message = jsonencode(output.contracts["customers"])
  }
}

run "marts_come_after_what_they_read_however_indirectly" {
  command = plan

  assert {
    condition = jsonencode(output.after) == jsonencode({
      clicks    = []
      customers = ["revenue", "best_customers"]
      orders    = ["revenue", "best_customers"]
      visits    = []
    })
    error_message = jsonencode(output.after)
  }
}

run "tags_name_dataset_domain_and_owner" {
  command = plan

  assert {
    condition     = output.contracts["orders"].tags == { Dataset = "orders", Domain = "shop", Owner = "shop-data@example.org" }
    error_message = jsonencode(output.contracts["orders"].tags)
  }
}

run "a_misspelt_folder_is_refused" {
  command = plan

  variables {
    contracts_dir = "../../tests/lake/contract"
  }

  expect_failures = [terraform_data.contracts]
}

run "a_faulty_contract_is_refused" {
  command = plan

  variables {
    contracts_dir = "../../tests/faulty/contracts"
  }

  expect_failures = [terraform_data.contracts]
}
