"""From official files to the compact tables of ``conf/``: read, check, split, write."""
