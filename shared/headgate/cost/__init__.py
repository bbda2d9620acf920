"""What runs cost, from contracts, run records and list prices: `headgate estimate`, docs/COSTS.md, the run's report.

One dated table of prices (`prices.yaml`) serves all of them, and Terraform (`terraform/prices.tf`).
"""
