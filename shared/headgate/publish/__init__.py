"""Publish: audit the rows where no reader looks, then show them to readers in one atomic step."""
