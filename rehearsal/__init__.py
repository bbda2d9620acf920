"""The rehearsal: the real Terraform and the real jobs, run end to end on an emulated AWS; `python -m rehearsal`.

    __main__       the command: rehearse, repeat on a lake that is up, end it
    emulator       starts and ends the emulator; `account` is the AWS account that it serves, `processes` how they end
    aws/           what runs inside the emulator: server, recording, credentials, ARNs, Step Functions, Scheduler
    aws/jobs/      Glue jobs that really run, in local Spark
    aws/crawlers/  Glue crawlers that really read S3
    aws/athena/    Athena, with Trino as its engine
    aws/redshift/  Redshift's Data API, with PostgreSQL as its engine, in a Python of its own
    walk/          what a person does with a lake and looks at: deploy, upload, wait, query, break, check, report

The product imports nothing from here. `aws/` imports nothing from `walk/`. `aws/server` and the adapters that it loads
run in the emulator's own Python, which has neither the product nor boto3 nor Spark; the rest runs in the checkout's.
"""
