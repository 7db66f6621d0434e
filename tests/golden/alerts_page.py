#!/usr/bin/env python3
"""docs/alerts.md: its programs compile, and its table has every field of an alert and no other.

usage: alerts_page.py TIDEMARK SOURCE_DIR CC
"""
import json, os, re, subprocess, sys, tempfile

tidemark, source, cc = sys.argv[1:4]
page = open(os.path.join(source, "docs", "alerts.md")).read()
blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```", page, re.M | re.S))
assert set(blocks) == {"c", "python", "yaml"}, blocks.keys()
compile(blocks["python"], "docs/alerts.md", "exec")
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "alerts.c")
    open(path, "w").write(blocks["c"])
    subprocess.run([cc, "-std=c17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", path], check=True)
    alerts = os.path.join(folder, "alerts.jsonl")
    subprocess.run([tidemark, "replay", os.path.join(source, "examples", "bikes", "bikes.yaml"),
                    "--alerts", alerts], check=True, stdout=subprocess.DEVNULL)
    record = json.loads(open(alerts).readline())
table = page.split("## Fields")[1].split("##")[0]
cells = re.findall(r"^\| (`.*?) \|", table, re.M)
fields = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
if sorted(fields) != sorted(record):
    sys.exit(f"only in the page: {set(fields) - set(record)}; only in the record: "
             f"{set(record) - set(fields)}")
print(f"{len(fields)} fields, {len(blocks)} programs")
