"""What a person would do with a lake on AWS, and look at afterwards."""
