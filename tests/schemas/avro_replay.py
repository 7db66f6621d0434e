"""avro_replay.py TIDEMARK ROOT: the same predictions and labels as JSON and as Avro (framed and not),
each in kcat -J lines, give the same results, alerts and counts, byte for byte."""
import json, os, random, re, struct, subprocess, sys, tempfile

tidemark, root = sys.argv[1:]


def long(value):
    value = value << 1 ^ value >> 63
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def text(value):
    value = value.encode()
    return long(len(value)) + value


def fitting(value, schema):
    kind = schema["type"] if isinstance(schema, dict) else schema
    types = {"null": type(None), "boolean": bool, "long": int, "int": int, "double": float,
             "string": str, "map": dict}
    return type(value) is types[kind]


def datum(value, schema):
    if isinstance(schema, list):
        branch = next(i for i, s in enumerate(schema) if fitting(value, s))
        return long(branch) + datum(value, schema[branch])
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind == "record":
        return b"".join(datum(value.get(f["name"]), f["type"]) for f in schema["fields"])
    if kind == "map":
        items = b"".join(text(k) + datum(v, schema["values"]) for k, v in value.items())
        return (long(len(value)) + items if value else b"") + long(0)
    return {"null": lambda: b"", "boolean": lambda: bytes([value]), "long": lambda: long(value),
            "int": lambda: long(value), "double": lambda: struct.pack("<d", value),
            "string": lambda: text(value)}[kind]()


def line(number, time, payload):
    """As kcat writes it: what JSON needs escaped is escaped, all other bytes stay."""
    out = b""
    for byte in payload:
        char = bytes([byte])
        out += b"\\" + char if char in b'"\\' else b"\\u%04x" % byte if byte < 32 else char
    return (b'{"topic":"t","partition":0,"offset":%d,"tstype":"create","ts":%d,"broker":0,'
            b'"key":null,"payload":"%s"}\n' % (number, time, out))


def schema_of(name):
    with open(os.path.join(root, "schemas", name + ".avsc")) as file:
        return json.load(file)


def records(name):
    rng = random.Random(7)
    for i in range(3000):
        time = i * 20000
        truth = rng.random() < 0.3
        common = {"prediction_id": "é%d" % i, "ts": time, "model": "m" if i % 7 else None}
        score = round(min(1.0, max(0.0, rng.gauss(0.7 if truth else 0.3, 0.2))), 6)
        if name == "prediction":
            yield {**common, "prediction": float(score > 0.5), "proba": score, "features": {
                       "a": rng.gauss(0, 1), "n": rng.randrange(9), "c": rng.choice("xyz"),
                       "b": rng.random() < 0.5, "null": None},
                   "latency_ms": 5.0, "error": rng.choice([None, "", "lost", 500, 200, True])}
        elif i % 5:
            yield {**common, "label": float(truth)}


CONFIG = """name: loans
problem_type: classification_binary
inputs:
  predictions:
    file: prediction.%(format)s
    map: {id: prediction_id, timestamp: ts, model: model, prediction: prediction, proba: proba,
          features: features, latency: latency_ms, error: error, c: features.c}
    %(prediction)s
  labels: {file: label.%(format)s, map: {id: prediction_id, timestamp: ts, target: label}%(label)s}
segments: [c]
window: {size: 1h, label_horizon: 1h}
rules: [{name: wrong, metric: accuracy_score, below: 0.95}]
"""


def run(folder, form, frame):
    avro = form != "json"
    for name in ("prediction", "label"):
        schema = schema_of(name)
        with open(os.path.join(folder, "%s.%s" % (name, form)), "wb") as file:
            for i, record in enumerate(records(name)):
                payload = frame + datum(record, schema) if avro else json.dumps(record).encode()
                file.write(line(i, record["ts"], payload))
            file.write(line(i + 1, record["ts"], payload[:-1]))  # cut: poison in both
    words = {"format": form, "prediction": "", "label": ""}
    if avro:
        plus = "schema: %s/schemas/%s.avsc"
        words["prediction"] = ("format: avro\n    frame: %s\n    " + plus) % (
            "confluent" if frame else "none", root, "prediction")
        words["label"] = (", format: avro, frame: %s, " + plus) % (
            "confluent" if frame else "none", root, "label")
    path = os.path.join(folder, "config.yaml")
    with open(path, "w") as file:
        file.write(CONFIG % words)
    outs = [os.path.join(folder, "%s.%s" % (o, form)) for o in ("results", "alerts")]
    said = subprocess.run([tidemark, "replay", path, "--results", outs[0], "--alerts", outs[1]],
                          stdout=subprocess.PIPE, check=True).stdout
    return said, [open(out, "rb").read() for out in outs]


with tempfile.TemporaryDirectory() as folder:
    as_json = run(folder, "json", b"")
    assert re.search(rb"predictions +3001 +3000 +0 +1\n", as_json[0]), as_json[0]
    assert as_json[1][0].count(b"\n") > 20 and as_json[1][1].count(b"\n") > 0
    for form, frame in (("avro", b""), ("framed", b"\0\0\0\0\7")):
        as_avro = run(folder, form, frame)
        assert as_avro[0] == as_json[0], (as_json[0], as_avro[0])
        assert as_avro[1] == as_json[1], form
    print(as_json[0].decode())
