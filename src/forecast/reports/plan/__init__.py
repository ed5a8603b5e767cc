"""The budget owner's page plan.html: tables -> a context per section -> one HTML file."""
