"""Resolves a column of a Spark data frame, each partition over a stream of its own.

    spark-submit --py-files hawiya_stream.py resolve_spark.py RESOLVER:7700 names.parquet out.parquet

The executors need grpcio, grpcio-reflection and protobuf (requirements.txt), and have to reach the
resolver. A partition that is computed again gives the same answers, so that Spark may retry it. As
many partitions ask at the same time as there are cores: more of them than the services can answer
only wait longer.
"""

import itertools
import sys

from hawiya_stream import Answer, Hawiya
from pyspark.sql import Row, SparkSession

COLUMN = "name"


def resolve_partition(server):
    def resolve(rows):
        # The rows go two ways: their names to the service, and they themselves to the result. What
        # lies between them is what is under way, and not the partition.
        rows, rows_of_names = itertools.tee(rows)
        names = (row[COLUMN] or "" for row in rows_of_names)
        # Connected here, because a connection cannot travel to the executors.
        with Hawiya(server) as hawiya:
            for row, (_, answer) in zip(rows, hawiya.resolve(names)):
                added = {f"resolved_{key}": value for key, value in answer._asdict().items()}
                yield Row(**row.asDict(), **added)

    return resolve


def main():
    server, source, target = sys.argv[1:]
    spark = SparkSession.builder.appName("hawiya").getOrCreate()
    names = spark.read.parquet(source)
    resolved = names.rdd.mapPartitions(resolve_partition(server))
    added = ", ".join(f"resolved_{k} {'double' if k == 'score' else 'string'}" for k in Answer._fields)
    columns = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in names.schema)
    spark.createDataFrame(resolved, schema=f"{columns}, {added}").write.parquet(target)


if __name__ == "__main__":
    main()
