"""What turns a scenario into results: tasks, processes, the run folder."""
