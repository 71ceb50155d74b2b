"""Official files to the compact tables of `conf/`: the work of `sim data`."""
