"""The border: crossings and traffic, the queues of every lane group, screening and officers."""
