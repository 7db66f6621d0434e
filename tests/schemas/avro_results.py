"""avro_results.py TIDEMARK ENCODE ROOT: real results, alerts and dead letters, put into Avro by the
schemas that the program prints and read back by a reader of this file's own, are what they were."""
import json, os, struct, subprocess, sys, tempfile

tidemark, encode, root = sys.argv[1:]


class Reader:
    """The binary encoding of the Avro specification, straight from its text."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        piece = self.data[self.at:self.at + count]
        assert len(piece) == count, "the datum ends too early"
        self.at += count
        return piece

    def long(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value >> 1 ^ -(value & 1)

    def blocks(self, read):
        items = []
        while count := self.long():
            assert count > 0
            items += [read() for _ in range(count)]
        return items

    def read(self, schema):
        if isinstance(schema, list):
            return self.read(schema[self.long()])
        kind = schema["type"] if isinstance(schema, dict) else schema
        if kind == "record":
            return {field["name"]: self.read(field["type"]) for field in schema["fields"]}
        if kind == "array":
            return self.blocks(lambda: self.read(schema["items"]))
        if kind == "map":
            return dict(self.blocks(lambda: (self.read("string"), self.read(schema["values"]))))
        return {"null": lambda: None, "boolean": lambda: self.take(1) == b"\1", "int": self.long,
                "long": self.long, "double": lambda: struct.unpack("<d", self.take(8))[0],
                "string": lambda: self.take(self.long()).decode()}[kind]()


def filled(value, schema):
    """The document with null for each member that the schema has and it has not."""
    if isinstance(schema, list):
        fitting = {dict: ("record", "map"), list: ("array",)}.get(type(value), ())
        inner = [s for s in schema if isinstance(s, dict) and s["type"] in fitting and (
                     s["type"] != "record" or set(value) <= {f["name"] for f in s["fields"]})]
        assert inner or not fitting, "no branch for %s" % value
        return filled(value, inner[0]) if inner else value
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind == "record":
        out = {f["name"]: filled(value.get(f["name"]), f["type"]) for f in schema["fields"]}
        extra = set(value) - set(out)
        assert not extra, "%s.avsc lacks %s" % (schema["name"], sorted(extra))
        return out
    if kind == "array":
        return [filled(item, schema["items"]) for item in value]
    return value


def compare(name, path):
    schema = json.loads(subprocess.check_output([tidemark, "schema", "print", name]))
    with open(path, "rb") as file:
        text = file.read()
    datums = subprocess.run([encode, name], input=text, check=True, stdout=subprocess.PIPE)
    lines = text.decode().splitlines()
    coded = datums.stdout.decode().split("\n")[:-1]
    assert len(lines) == len(coded) and lines, "%d lines, %d datums" % (len(lines), len(coded))
    for line, hexes in zip(lines, coded):
        reader = Reader(bytes.fromhex(hexes))
        assert reader.read(schema) == filled(json.loads(line), schema), line[:200]
        assert reader.at == len(reader.data), "bytes behind the datum"
    print(name, len(lines))


def replay(folder, *arguments):
    names = ["results", "alerts", "dead-letters"]
    paths = [os.path.join(folder, name) for name in names]
    subprocess.run([tidemark, "replay", *arguments] +
                   sum((["--" + n, p] for n, p in zip(names, paths)), []),
                   check=True, stdout=subprocess.DEVNULL)
    return paths


# A binary problem with segments, a null, an absent member and records that cannot be used.
BINARY = """name: loans
problem_type: classification_binary
inputs:
  predictions: {file: p, map: {id: id, timestamp: t, prediction: y, proba: s, features: f, zone: z}}
  labels: {file: l, map: {id: id, timestamp: t, target: y}}
segments: [zone]
window: {size: 1h, label_horizon: 1h}
rules: [{name: wrong, metric: accuracy_score, below: 0.9}]
"""

with tempfile.TemporaryDirectory() as folder:
    results, alerts, _ = replay(folder, os.path.join(root, "examples/bikes/bikes.yaml"))
    compare("result", results)
    compare("alert", alerts)
    with open(os.path.join(folder, "c.yaml"), "w") as file:
        file.write(BINARY)
    with open(os.path.join(folder, "p"), "wb") as file, open(os.path.join(folder, "l"), "w") as labels:
        for i in range(200):
            file.write(json.dumps({"id": "i%d" % i, "t": i * 60000, "y": i % 2, "s": i / 200,
                                   "f": {"a": i, "b": "xyz"[i % 3]}, "z": [None, "n", "é"][i % 3]}
                                  ).encode() + b"\n")
            labels.write(json.dumps({"id": "i%d" % i, "t": i * 60000, "y": i % 3 % 2}) + "\n")
        file.write(b'{"id": "\xff"}\n{"id": 1.5}\n')
    results, alerts, dead = replay(folder, os.path.join(folder, "c.yaml"))
    compare("result", results)
    compare("alert", alerts)
    compare("dead_letter", dead)
    with open(os.path.join(folder, "c.yaml"), "w") as file:
        file.write(BINARY.replace("_binary", "_multiclass").replace(" proba: s,", ""))
    results, _, _ = replay(folder, os.path.join(folder, "c.yaml"))
    with open(results) as file:
        assert '"confusion":{"classes":["0","1"]' in file.read()
    compare("result", results)
