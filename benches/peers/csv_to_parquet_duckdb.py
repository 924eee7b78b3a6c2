"""DuckDB: a CSV to Parquet, all columns as text, nothing checked. csv_to_parquet_duckdb.py FROM TO"""

import sys

import duckdb

source, target = sys.argv[1:3]
duckdb.sql(
    f"COPY (SELECT * FROM read_csv('{source}', all_varchar=true, header=true)) "
    f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
)
