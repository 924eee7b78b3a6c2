"""Polars, streaming: a CSV to Parquet, all columns as text, nothing checked. csv_to_parquet_polars.py FROM TO"""

import sys

import polars

source, target = sys.argv[1:3]
polars.scan_csv(source, infer_schema=False).sink_parquet(target, compression="zstd")
