#!/usr/bin/env python3
"""The data flow beside its peers: makes the data and the packages, runs all in turn, compares what
comes out, prints ratios and peak memory.

    cargo build --release -p scaleout-cli
    python3 -m venv v && v/bin/pip install duckdb polars pandas
    v/bin/python bench/data_flow.py --dtexec target/release/dtexec --folder /tmp/flow --megabytes 1000

--rounds, --threads and --only F1,F3 change it. F4P, which is F4 into a server, needs its place:
--postgres "host=127.0.0.1 port=5432 dbname=empty user=me". The folder is removed unless --keep.
"""

import argparse
import importlib.util
import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

# Name, type word of the data flow, facets, number of the type in a connection manager.
COLUMNS = [
    ("id", "i8", "", 20),
    ("customer", "i4", "", 3),
    ("amount", "numeric", ' precision="18" scale="2"', 131),
    ("rate", "r8", "", 5),
    ("day", "dbDate", "", 133),
    ("ts", "dbTimeStamp", "", 135),
    ("note", "str", ' length="40" codePage="65001"', 129),
    ("code", "str", ' length="10" codePage="65001"', 129),
    ("flag", "bool", "", 11),
]
KEYS = 200_000
WORDS = ["north", "south", 'so ""called""', "a, b", "east", "west", "hill side", "shore"]


def make_data(path, megabytes):
    """One block of rows, as often as it takes; ids go on."""
    chance = random.Random(11)
    size, number = 0, 0
    with open(path, "w", newline="", encoding="utf-8") as out:
        out.write(",".join(name for name, *_ in COLUMNS) + "\r\n")
        tails = []
        for _ in range(200_000):
            day = f"20{chance.randrange(10, 25)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
            clock = f"{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}"
            tails.append(
                f"{chance.randrange(KEYS)},{chance.randrange(10**7) / 100:.2f},{chance.random():.6f},{day},"
                f'{day} {clock},"{chance.choice(WORDS)} {chance.randrange(1000)}",K{chance.randrange(300):03},'
                f"{chance.choice(['True', 'False'])}\r\n"
            )
        while size < megabytes * 1_000_000:
            block = "".join(f"{number + at},{tail}" for at, tail in enumerate(tails))
            number += len(tails)
            out.write(block)
            size += len(block)
    return number


# --- packages -------------------------------------------------------------------------------------


def flat_manager(name, path, columns):
    last = len(columns) - 1
    text = "".join(
        f'<DTS:FlatFileColumn DTS:ColumnType="Delimited" DTS:ColumnDelimiter="{"_x000D__x000A_" if at == last else "_x002C_"}" '
        f'DTS:MaximumWidth="40" DTS:DataPrecision="18" DTS:DataScale="2" DTS:DataType="{number}" DTS:TextQualified="True" DTS:ObjectName="{column}"/>'
        for at, (column, _, _, number) in enumerate(columns)
    )
    return (
        f'<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[{name}]" DTS:CreationName="FLATFILE" DTS:ObjectName="{name}" '
        f'DTS:DTSID="{{00000000-0000-4000-8000-00000000000{len(name)}}}"><DTS:ObjectData><DTS:ConnectionManager DTS:Format="Delimited" '
        f'DTS:LocaleID="1033" DTS:HeaderRowDelimiter="_x000D__x000A_" DTS:ColumnNamesInFirstDataRow="True" DTS:RowDelimiter="" '
        f'DTS:TextQualifier="_x0022_" DTS:CodePage="65001" DTS:ConnectionString="{path}"><DTS:FlatFileColumns>{text}</DTS:FlatFileColumns>'
        f"</DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager>"
    )


def database_manager(name, string):
    return (
        f'<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[{name}]" DTS:CreationName="OLEDB" DTS:ObjectName="{name}" '
        f'DTS:DTSID="{{00000000-0000-4000-8000-0000000000D{len(name)}}}"><DTS:ObjectData>'
        f'<DTS:ConnectionManager DTS:ConnectionString="{string}"/></DTS:ObjectData></DTS:ConnectionManager>'
    )


def port(component, kind, name):
    return rf"Package\Load\{component}.{kind}[{name}]"


def column_of(component, output, column):
    return f"{port(component, 'Outputs', output)}.Columns[{column}]"


def properties(pairs):
    text = "".join(
        f'<property dataType="System.String" containsID="true" name="{name}">{value}</property>' for name, value in pairs
    )
    return f"<properties>{text}</properties>"


def connection_of(component, role, manager):
    return (
        f'<connections><connection refId="Package\\Load\\{component}.Connections[{role}]" '
        f'connectionManagerID="Package.ConnectionManagers[{manager}]" '
        f'connectionManagerRefId="Package.ConnectionManagers[{manager}]" name="{role}"/></connections>'
    )


def component(name, kind, pairs, connections, ports):
    return (
        f'<component refId="Package\\Load\\{name}" componentClassID="Microsoft.{kind}" name="{name}" '
        f'usesDispositions="true">{properties(pairs)}{connections}{ports}</component>'
    )


def inputs(name, port_name, columns):
    """Columns: name, lineage, properties, more attributes, facets of an external column or None."""
    own = port(name, "Inputs", port_name)
    used = "".join(
        f'<inputColumn refId="{own}.Columns[{column}]" cachedName="{column}" lineageId="{lineage}" '
        f'externalMetadataColumnId="{own}.ExternalColumns[{column}]"{more}>{properties(pairs)}</inputColumn>'
        for column, lineage, pairs, more, _ in columns
    )
    external = "".join(
        f'<externalMetadataColumn refId="{own}.ExternalColumns[{column}]" {facets} name="{column}"/>'
        for column, _, _, _, facets in columns
        if facets
    )
    return (
        f'<inputs><input refId="{own}" hasSideEffects="true" errorRowDisposition="FailComponent" name="{port_name}">'
        f'<inputColumns>{used}</inputColumns><externalMetadataColumns isUsed="True">{external}</externalMetadataColumns></input></inputs>'
    )


def outputs(name, *ports):
    """Ports: name, columns (name, facets, properties), the input it is synchronous to, properties."""
    text = ""
    for port_name, columns, synchronous, pairs in ports:
        own = port(name, "Outputs", port_name)
        made = "".join(
            f'<outputColumn refId="{own}.Columns[{column}]" lineageId="{own}.Columns[{column}]" name="{column}" {facets} '
            f'errorRowDisposition="FailComponent" truncationRowDisposition="FailComponent" '
            f'externalMetadataColumnId="{own}.ExternalColumns[{column}]">{properties(given)}</outputColumn>'
            for column, facets, given in columns
        )
        external = "".join(
            f'<externalMetadataColumn refId="{own}.ExternalColumns[{column}]" {facets} name="{column}"/>'
            for column, facets, _ in columns
        )
        group = f' synchronousInputId="{port(name, "Inputs", synchronous)}" exclusionGroup="1"' if synchronous else ""
        text += (
            f'<output refId="{own}" name="{port_name}"{group} errorRowDisposition="FailComponent">{properties(pairs)}'
            f'<outputColumns>{made}</outputColumns><externalMetadataColumns isUsed="True">{external}</externalMetadataColumns></output>'
        )
    return f"<outputs>{text}</outputs>"


def facets_of(word, facets):
    return f'dataType="{word}"{facets}'


SOURCE = "Flat File Source Output"
TARGET = "Flat File Destination Input"


def read_file():
    columns = [(name, facets_of(word, facets), []) for name, word, facets, _ in COLUMNS]
    return component(
        "Read",
        "FlatFileSource",
        [("RetainNulls", "false")],
        connection_of("Read", "FlatFileConnection", "data"),
        outputs("Read", (SOURCE, columns, None, [])),
    )


def write_file(columns):
    """Columns: name, lineage, facets."""
    return component(
        "Write",
        "FlatFileDestination",
        [("Overwrite", "true"), ("EscapeQualifier", "true")],
        connection_of("Write", "FlatFileConnection", "result"),
        inputs("Write", TARGET, [(name, lineage, [], "", facets) for name, lineage, facets in columns]),
    )


def package(managers, components, paths):
    joined = "".join(
        f'<path refId="Package\\Load.Paths[p{at}]" name="p{at}" startId="{start}" endId="{end}"/>'
        for at, (start, end) in enumerate(paths)
    )
    return (
        '<?xml version="1.0"?><DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" '
        'DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="bench" '
        'DTS:DTSID="{00000000-0000-4000-8000-0000000000FF}" DTS:LocaleID="1033" DTS:ProtectionLevel="0">'
        '<DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>'
        f"<DTS:ConnectionManagers>{managers}</DTS:ConnectionManagers>"
        '<DTS:Variables><DTS:Variable DTS:Namespace="User" DTS:ObjectName="rows"><DTS:VariableValue DTS:DataType="20">0</DTS:VariableValue></DTS:Variable></DTS:Variables>'
        '<DTS:Executables><DTS:Executable DTS:refId="Package\\Load" DTS:CreationName="Microsoft.Pipeline" '
        'DTS:ExecutableType="Microsoft.Pipeline" DTS:ObjectName="Load" DTS:DTSID="{00000000-0000-4000-8000-0000000000FE}">'
        f'<DTS:Variables/><DTS:ObjectData><pipeline version="1"><components>{"".join(components)}</components>'
        f"<paths>{joined}</paths></pipeline></DTS:ObjectData></DTS:Executable></DTS:Executables></DTS:Executable>"
    )


GROUP, COUNT, COUNT_ALL, SUM, MAX = "0", "1", "2", "4", "7"


def aggregate(columns):
    """Columns: name, lineage of what it is made of, function, facets."""
    lineages = list(dict.fromkeys(lineage for _, lineage, _, _ in columns if lineage))
    read = [(f"c{at}", lineage, [], "", None) for at, lineage in enumerate(lineages)]
    made = [
        (name, facets, [("AggregationColumnId", f"#{{{lineage}}}" if lineage else "0"), ("AggregationType", function)])
        for name, lineage, function, facets in columns
    ]
    ports = inputs("Total", "in", read) + outputs("Total", ("out", made, None, []))
    written = [(name, column_of("Total", "out", name), facets) for name, _, _, facets in columns]
    return component("Total", "Aggregate", [], "", ports), written


def managers_for(folder, written):
    numbers = {"i4": 3, "i8": 20, "numeric": 131, "r8": 5, "dbDate": 133, "dbTimeStamp": 135, "str": 129, "bool": 11, "ui8": 21}
    columns = [(name, "", "", numbers[facets.split('"')[1]]) for name, _, facets in written]
    return flat_manager("data", folder / "data.csv", COLUMNS) + flat_manager("result", folder / "result.csv", columns)


def f1(folder):
    of = lambda name: column_of("Read", SOURCE, name)
    count = component(
        "Count",
        "RowCount",
        [("VariableName", "User::rows")],
        "",
        inputs("Count", "in", []) + outputs("Count", ("out", [], "in", [])),
    )
    total, written = aggregate(
        [
            ("rows", "", COUNT_ALL, 'dataType="ui8"'),
            ("id", of("id"), SUM, 'dataType="numeric" precision="38" scale="0"'),
            ("customer", of("customer"), SUM, 'dataType="i8"'),
            ("amount", of("amount"), SUM, 'dataType="numeric" precision="38" scale="2"'),
            ("rate", of("rate"), SUM, 'dataType="r8"'),
            ("day", of("day"), MAX, 'dataType="dbDate"'),
            ("ts", of("ts"), MAX, 'dataType="dbTimeStamp"'),
            ("note", of("note"), COUNT, 'dataType="ui8"'),
            ("code", of("code"), COUNT, 'dataType="ui8"'),
            ("flag", of("flag"), COUNT, 'dataType="ui8"'),
        ]
    )
    ends = [
        (port("Read", "Outputs", SOURCE), port("Count", "Inputs", "in")),
        (port("Count", "Outputs", "out"), port("Total", "Inputs", "in")),
        (port("Total", "Outputs", "out"), port("Write", "Inputs", TARGET)),
    ]
    return package(managers_for(folder, written), [read_file(), count, total, write_file(written)], ends)


def f2(folder):
    of = lambda name: column_of("Read", SOURCE, name)
    mark = lambda name: f"#{{{of(name)}}}"
    text = 'dataType="wstr" length="40"'
    derived = component(
        "Derive",
        "DerivedColumn",
        [],
        "",
        inputs("Derive", "in", [(name, of(name), [], "", None) for name in ("amount", "rate", "note")])
        + outputs(
            "Derive",
            (
                "out",
                [
                    ("value", 'dataType="r8"', [("Expression", f"(DT_R8){mark('amount')} * {mark('rate')}"), ("FriendlyExpression", "(DT_R8)amount * rate")]),
                    ("loud", text, [("Expression", f"[UPPER]({mark('note')})"), ("FriendlyExpression", "UPPER(note)")]),
                ],
                "in",
                [],
            ),
        ),
    )
    loud = column_of("Derive", "out", "loud")
    value = column_of("Derive", "out", "value")
    test = f"{mark('amount')} &gt; 5000 &amp;&amp; [FINDSTRING](#{{{loud}}},&quot;A&quot;,1) &gt; 0"
    split = component(
        "Split",
        "ConditionalSplit",
        [],
        "",
        inputs("Split", "in", [("amount", of("amount"), [], "", None), ("loud", loud, [], "", None)])
        + outputs(
            "Split",
            ("large", [], "in", [("Expression", test), ("FriendlyExpression", test), ("EvaluationOrder", "0")]),
            ("rest", [], "in", [("IsDefaultOut", "true")]),
        ),
    )
    total, written = aggregate(
        [
            ("code", of("code"), GROUP, 'dataType="str" length="10" codePage="65001"'),
            ("flag", of("flag"), GROUP, 'dataType="bool"'),
            ("value", value, SUM, 'dataType="r8"'),
            ("rows", "", COUNT_ALL, 'dataType="ui8"'),
        ]
    )
    ends = [
        (port("Read", "Outputs", SOURCE), port("Derive", "Inputs", "in")),
        (port("Derive", "Outputs", "out"), port("Split", "Inputs", "in")),
        (port("Split", "Outputs", "large"), port("Total", "Inputs", "in")),
        (port("Total", "Outputs", "out"), port("Write", "Inputs", TARGET)),
    ]
    return package(managers_for(folder, written), [read_file(), derived, split, total, write_file(written)], ends)


def f3(folder):
    of = lambda name: column_of("Read", SOURCE, name)
    name_facets = 'dataType="str" length="20" codePage="65001"'
    find = component(
        "Find",
        "Lookup",
        [("SqlCommand", "SELECT id, name FROM customer"), ("ConnectionType", "0"), ("CacheType", "0"), ("NoMatchBehavior", "0")],
        connection_of("Find", "OleDbConnection", "keys"),
        inputs("Find", "in", [("customer", of("customer"), [("JoinToReferenceColumn", "id")], "", None)])
        + outputs("Find", ("out", [("name", name_facets, [("CopyFromReferenceColumn", "name")])], "in", [])),
    )
    written = [(name, of(name), facets_of(word, facets)) for name, word, facets, _ in COLUMNS]
    written.append(("name", column_of("Find", "out", "name"), 'dataType="str" length="20" codePage="65001"'))
    managers = managers_for(folder, written) + database_manager("keys", f"Provider=SQLite;Data Source={folder}/keys.db")
    ends = [
        (port("Read", "Outputs", SOURCE), port("Find", "Inputs", "in")),
        (port("Find", "Outputs", "out"), port("Write", "Inputs", TARGET)),
    ]
    return package(managers, [read_file(), find, write_file(written)], ends)


def f4(folder, string=None):
    of = lambda name: column_of("Read", SOURCE, name)
    columns = [(name, of(name), [], "", facets_of(word, facets)) for name, word, facets, _ in COLUMNS]
    load = component(
        "Load",
        "OLEDBDestination",
        [("OpenRowset", "[target]"), ("AccessMode", "3"), ("FastLoadMaxInsertCommitSize", "2147483647")],
        connection_of("Load", "OleDbConnection", "database"),
        inputs("Load", "in", columns),
    )
    managers = flat_manager("data", folder / "data.csv", COLUMNS) + database_manager(
        "database", string or f"Provider=SQLite;Data Source={folder}/target.db"
    )
    ends = [(port("Read", "Outputs", SOURCE), port("Load", "Inputs", "in"))]
    return package(managers, [read_file(), load], ends)


def f4p(folder, place):
    """The place as libpq writes it."""
    of = dict(word.split("=", 1) for word in place.split())
    return f4(
        folder,
        f"Provider=PostgreSQL;Data Source={of['host']};Port={of['port']};Initial Catalog={of['dbname']};User ID={of['user']}",
    )


def f5(folder):
    of = lambda name: column_of("Read", SOURCE, name)
    out = lambda name: column_of("Sort", "out", name)
    order = {"code": "1", "rate": "2"}
    columns = [(name, of(name), [("NewSortKeyPosition", order.get(name, "0"))], "", None) for name, *_ in COLUMNS]
    made = [
        (name, facets_of(word, facets), [("SortColumnId", f"#{{{of(name)}}}")]) for name, word, facets, _ in COLUMNS
    ]
    sort = component("Sort", "Sort", [("EliminateDuplicates", "false")], "", inputs("Sort", "in", columns) + outputs("Sort", ("out", made, None, [])))
    written = [(name, out(name), facets_of(word, facets)) for name, word, facets, _ in COLUMNS]
    ends = [
        (port("Read", "Outputs", SOURCE), port("Sort", "Inputs", "in")),
        (port("Sort", "Outputs", "out"), port("Write", "Inputs", TARGET)),
    ]
    return package(managers_for(folder, written), [read_file(), sort, write_file(written)], ends)


# --- runs -----------------------------------------------------------------------------------------


def timed(command, environment=None):
    """Seconds, peak memory in MB, and what was printed."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, text=True)
    said = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{command} failed:\n{said}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime, said


PEERS = {
    "duckdb": """
import duckdb, json, sys
folder, work, threads = sys.argv[1:4]
c = duckdb.connect(); c.execute(f"set threads={threads}"); c.execute("set enable_progress_bar=false"); c.execute("set preserve_insertion_order=false")
types = "{'id':'BIGINT','customer':'INTEGER','amount':'DECIMAL(18,2)','rate':'DOUBLE','day':'DATE','ts':'TIMESTAMP','note':'VARCHAR','code':'VARCHAR','flag':'BOOLEAN'}"
data = f"read_csv('{folder}/data.csv', header=true, columns={types}, quote='\\"', escape='\\"')"
if work == "F1":
    sql = f"select count(*), sum(id), sum(customer), sum(amount), sum(rate), max(day), max(ts), count(note), count(code), count(flag) from {data}"
elif work == "F2":
    sql = f"select code, flag, sum(amount::double * rate), count(*) from {data} where amount > 5000 and contains(upper(note), 'A') group by 1, 2"
else:
    c.execute(f"create table customer as select * from read_csv('{folder}/keys.csv', header=true, columns={{'id':'INTEGER','name':'VARCHAR'}})")
    sql = f"copy (select d.*, k.name from {data} d join customer k on k.id = d.customer) to '{folder}/peer.csv' (header, delimiter ',')"
print(json.dumps([[str(v) for v in row] for row in c.execute(sql).fetchall()]))
""",
    "polars": """
import json, os, sys
folder, work, threads = sys.argv[1:4]
os.environ["POLARS_MAX_THREADS"] = threads
import polars as pl
schema = {"id": pl.Int64, "customer": pl.Int32, "amount": pl.String, "rate": pl.Float64, "day": pl.Date, "ts": pl.Datetime, "note": pl.String, "code": pl.String, "flag": pl.String}
data = pl.scan_csv(f"{folder}/data.csv", schema=schema).with_columns(amount=pl.col("amount").cast(pl.Decimal(18, 2)), flag=pl.col("flag") == "True")
c = pl.col
if work == "F1":
    made = data.select(pl.len(), c("id").sum(), c("customer").cast(pl.Int64).sum(), c("amount").sum(), c("rate").sum(), c("day").max(), c("ts").max(), c("note").count(), c("code").count(), c("flag").count())
elif work == "F2":
    made = data.filter((c("amount") > 5000) & c("note").str.to_uppercase().str.contains("A", literal=True)).group_by("code", "flag").agg((c("amount").cast(pl.Float64) * c("rate")).sum(), pl.len())
else:
    keys = pl.scan_csv(f"{folder}/keys.csv", schema={"id": pl.Int32, "name": pl.String})
    data.join(keys, left_on="customer", right_on="id").sink_csv(f"{folder}/peer.csv"); made = None
print(json.dumps([] if made is None else [[str(v) for v in row] for row in made.collect(engine="streaming").rows()]))
""",
    "pandas": """
import json, sys
folder, work, threads = sys.argv[1:4]
import pandas as pd
data = pd.read_csv(f"{folder}/data.csv", parse_dates=["day", "ts"])
if work == "F1":
    d = data
    rows = [[len(d), d.id.sum(), d.customer.sum(), d.amount.sum(), d.rate.sum(), d.day.max(), d.ts.max(), d.note.count(), d.code.count(), d.flag.count()]]
elif work == "F2":
    kept = data[(data.amount > 5000) & data.note.str.upper().str.contains("A", regex=False)]
    kept = kept.assign(value=kept.amount * kept.rate).groupby(["code", "flag"]).agg(value=("value", "sum"), rows=("value", "size"))
    rows = kept.reset_index().values.tolist()
else:
    keys = pd.read_csv(f"{folder}/keys.csv").rename(columns={"id": "customer"})
    data.merge(keys, on="customer").to_csv(f"{folder}/peer.csv", index=False)
    rows = []
print(json.dumps([[str(v) for v in row] for row in rows]))
""",
}


def installed(peers):
    return [peer for peer in peers.split(",") if importlib.util.find_spec(peer)]


def load_into(folder, name):
    path = folder / name
    for part in ("", "-wal", "-shm"):
        path.with_name(name + part).unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute(
        "CREATE TABLE target (id bigint, customer int, amount numeric(18,2), rate float, day date, ts datetime, "
        "note varchar(40), code varchar(10), flag bit)"
    )
    database.commit()
    database.close()
    return path


def psql(place, *statements):
    words = [word for statement in statements for word in ("-c", statement)]
    return ["psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-t", "-A", place, *words]


def empty_table(place):
    create = (
        "CREATE TABLE target (id bigint, customer int, amount numeric(18,2), rate float, day date, ts timestamp, "
        "note varchar(40), code varchar(10), flag boolean)"
    )
    subprocess.run(psql(place, "DROP TABLE IF EXISTS target", create, "CHECKPOINT"), check=True, stderr=subprocess.DEVNULL)


def rounded(rows):
    """Rows as texts, in order; floating-point numbers without what the order of a sum changes."""
    def text(value):
        value = value.strip('"')
        try:
            number = float(value)
        except ValueError:
            return value.replace(" 00:00:00", "").lower()
        return f"{number:.6g}"

    return sorted([text(value) for value in row] for row in rows)


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\r\n").split(",") for line in file][1:]


def content(path):
    """Rows of the result of F3, whatever their order and the form of their values: how many, and a checksum."""
    import duckdb

    types = "{'id':'BIGINT','customer':'INTEGER','amount':'DECIMAL(18,2)','rate':'DOUBLE','day':'DATE','ts':'TIMESTAMP','note':'VARCHAR','code':'VARCHAR','flag':'BOOLEAN','name':'VARCHAR'}"
    rows = f"read_csv('{path}', header=true, columns={types}, quote='\"', escape='\"')"
    sql = f"SELECT count(*), bit_xor(hash(id, customer, amount, rate, day, ts, note, code, flag, name)) FROM {rows}"
    return duckdb.sql(sql).fetchall()[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dtexec", default="target/release/dtexec")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/flow-bench"))
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="F1,F2,F3,F4,F5")
    parser.add_argument("--peers", default=",".join(PEERS), help="of F1 to F3; those that are not installed are left out")
    parser.add_argument("--postgres", help="an empty database, for F4P")
    parser.add_argument("--budget", type=int, default=512, help="MB for the data flow of F5")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "data.csv"
    if not data.exists():
        make_data(data, options.megabytes)
    size = data.stat().st_size / 1e6
    database = sqlite3.connect(folder / "keys.db")
    database.execute("CREATE TABLE IF NOT EXISTS customer (id int PRIMARY KEY, name varchar(20))")
    if not database.execute("SELECT count(*) FROM customer").fetchone()[0]:
        database.executemany("INSERT INTO customer VALUES (?, ?)", ((at, f"customer {at}") for at in range(KEYS)))
    database.commit()
    database.close()
    with open(folder / "keys.csv", "w", encoding="utf-8") as out:
        out.write("id,name\n" + "".join(f"{at},customer {at}\n" for at in range(KEYS)))

    load = os.getloadavg()
    print(f"{size:.0f} MB, {options.threads} threads, load {load[0]:.1f} {load[1]:.1f}", flush=True)
    for work in options.only.split(","):
        more = [options.postgres] if work == "F4P" else []
        (folder / f"{work}.dtsx").write_text(globals()[work.lower()](folder, *more))
        settings = folder / "settings.json"
        budget = options.budget << 20 if work == "F5" else 0
        settings.write_text(json.dumps({"DataFlowMemoryBudget": budget}))
        environment = {**os.environ, "DTEXEC_SETTINGS": str(settings)}
        runs = {}
        for _ in range(1 if work == "F5" else options.rounds):
            if work == "F4":
                load_into(folder, "target.db")
            if work == "F4P":
                empty_table(options.postgres)
            own = timed([options.dtexec, "/F", str(folder / f"{work}.dtsx"), "/Rep", "EW"], environment)
            runs.setdefault("scale out", []).append(own)
            if work in ("F1", "F2", "F3"):
                for peer in installed(options.peers):
                    script = PEERS[peer]
                    run = timed([sys.executable, "-c", script, str(folder), work, str(options.threads)])
                    runs.setdefault(peer, []).append(run)
                    if work in ("F1", "F2"):
                        mine, theirs = rounded(lines_of(folder / "result.csv")), rounded(json.loads(run[3].strip().splitlines()[-1]))
                        assert mine == theirs, f"{work} differs from {peer}:\n{mine[:3]}\n{theirs[:3]}"
                    else:
                        mine, theirs = content(folder / "result.csv"), content(folder / "peer.csv")
                        assert mine == theirs, f"{work}: {mine}, {peer} has {theirs}"
            elif work == "F4":
                peer = load_into(folder, "peer.db")
                script = f".mode csv\n.import --skip 1 {data} target\n"
                shell = shutil.which("sqlite3")
                if shell:
                    (folder / "import.sql").write_text(script)
                    runs.setdefault("sqlite3 .import", []).append(timed([shell, str(peer), f".read {folder}/import.sql"]))
                loaded = sqlite3.connect(folder / "target.db")
                rows = loaded.execute("SELECT count(*), sum(id), sum(customer) FROM target").fetchone()
                loaded.close()
                print(f"  rows {rows}", flush=True)
            elif work == "F4P":
                count = psql(options.postgres, "SELECT count(*), sum(id), sum(customer), sum(amount), max(ts), count(flag) FROM target")
                mine = subprocess.run(count, check=True, capture_output=True, text=True).stdout
                empty_table(options.postgres)
                copy = f"\\copy target FROM '{data}' (FORMAT csv, HEADER)"
                runs.setdefault("COPY", []).append(timed(psql(options.postgres, copy)))
                theirs = subprocess.run(count, check=True, capture_output=True, text=True).stdout
                assert mine == theirs, f"{work}: {mine} and {theirs}"
        best = {name: min(run[0] for run in of) for name, of in runs.items()}
        own = best.pop("scale out")
        for name, of in runs.items():
            seconds = min(run[0] for run in of)
            cpu = min(run[2] for run in of)
            peak = max(run[1] for run in of)
            print(f"{work} {name}: {seconds:.2f} s, {size / seconds:.0f} MB/s, cpu {cpu:.2f} s, peak {peak:.0f} MB", flush=True)
        if best:
            name, fastest = min(best.items(), key=lambda item: item[1])
            print(f"{work} is {fastest / own:.2f} x {name}, the fastest peer", flush=True)
    if not options.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
