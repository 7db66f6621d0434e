#!/usr/bin/env python3
"""docker-compose.yml, the Dockerfile and what they name fit together. They are read, not run.

usage: compose.py TIDEMARK SOURCE_DIR
"""
import os, re, shutil, subprocess, sys
import yaml

tidemark, source = sys.argv[1], sys.argv[2]
os.chdir(source)
wrong = []


def expect(condition, what):
    if not condition:
        wrong.append(what)


def run(*command):
    environment = {**os.environ, "TIDEMARK_BROKERS": "broker:9092"}
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


services = load("docker-compose.yml")["services"]
dockerfile = open("Dockerfile", encoding="utf-8").read()
settings = dict(line.strip().split("=", 1) for line in open("tests/kafka/broker.env") if not line.startswith("#"))

# the broker: the version and the settings that the tests run
broker = services["broker"]
expect(set(services) == {"broker", "topics", "tidemark", "load"}, f"services: {sorted(services)}")
version = broker["image"].removeprefix("apache/kafka:")
expect(os.path.exists(f"tests/kafka/kafka-{version}.sha256"), f"the tests run another Kafka than {version}")
expect(broker["env_file"] == "tests/kafka/broker.env", "the broker's settings are not the tests'")
expect('"$here/broker.env"' in open("tests/kafka/broker.sh").read(), "broker.sh reads other settings")
expect(not set(settings) & set(broker["environment"]), "a setting of broker.env is overruled")
listeners = dict(re.findall(r"([A-Z]+)://[^:,]*:(\d+)", broker["environment"]["KAFKA_LISTENERS"]))
controller = listeners.get(settings["KAFKA_CONTROLLER_LISTENER_NAMES"])
node = settings["KAFKA_NODE_ID"]
address = broker["environment"]["KAFKA_ADVERTISED_LISTENERS"].removeprefix("PLAINTEXT://")
protocols = dict(pair.split(":") for pair in settings["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
expect(set(listeners) == set(protocols), "a listener without a protocol")
expect(broker["environment"]["KAFKA_CONTROLLER_QUORUM_VOTERS"] == f"{node}@broker:{controller}", "quorum voters")
expect(address == f"broker:{listeners['PLAINTEXT']}", f"clients are sent to {address}")
expect(address in broker["healthcheck"]["test"], "the health check asks another address")

# the others: images that the Dockerfile makes, commands that the programs know, files that are there
stages = re.findall(r"^FROM \S+ AS (\S+)$", dockerfile, re.M)
folder = re.search(r"^COPY examples/bikes (\S+)$", dockerfile, re.M).group(1)
for name in ("topics", "tidemark", "load"):
    service = services[name]
    expect(service["build"]["target"] in stages, f"{name}: no stage {service['build']['target']}")
    expect(os.path.exists(os.path.join(service["build"]["context"], "Dockerfile")), f"{name}: no Dockerfile")
    expect(service["environment"]["TIDEMARK_BROKERS"] == address, f"{name}: another broker")
    expect(set(service["depends_on"]) <= set(services), f"{name}: waits for nobody")
    for word in service["command"]:
        if word.startswith("/"):
            here = word.replace(folder, "examples/bikes")
            expect(here != word and os.path.exists(here), f"{name}: {word} is not in the image")
expect(services["tidemark"]["command"][0] == "run", "tidemark does not run")
for name, program in (("topics", [tidemark, "check", "--help"]), ("load", ["examples/bikes/load.py", "--help"])):
    said = run(*program).stdout
    for word in services[name]["command"]:
        expect(not word.startswith("--") or word in said, f"{name}: no option {word}")
for path in re.findall(r"^COPY (?!--from)(\S+) ", dockerfile, re.M):
    expect(os.path.exists(path), f"Dockerfile: no {path}")

# one example in two configs: only the places of the records differ
files, topics = load("examples/bikes/bikes.yaml"), load("examples/bikes/kafka.yaml")
for config in (files, topics):
    config.pop("outputs", None), config.pop("kafka", None), config["inputs"].pop("start", None)
    for role in ("predictions", "labels"):
        config["inputs"][role].pop("file", None), config["inputs"][role].pop("topic", None)
expect(files == topics, "bikes.yaml and kafka.yaml differ in more than places")
hashes = {re.search(r"config_hash (\w+)", run(tidemark, "check", f"examples/bikes/{name}.yaml").stdout).group(1)
          for name in ("bikes", "kafka")}
expect(len(hashes) == 1, f"config_hash: {hashes}")

# every library of the program comes with a package of its image
if shutil.which("readelf") and shutil.which("dpkg-query"):
    packages = set(dockerfile.split("AS program")[1].split("AS load")[0].split()) | {"libc6", "libgcc-s1"}
    for library in re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", tidemark).stdout):
        owners = {line.split(":")[0] for line in run("dpkg-query", "-S", f"*/{library}").stdout.splitlines()}
        expect(owners & packages or "san" in library, f"the image lacks {sorted(owners)} for {library}")
if wrong:
    sys.exit("\n".join(wrong))
print("ok: read, not run")
