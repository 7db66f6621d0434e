# build: everything that compiling needs. program: the program and its libraries. load: the example's loader.
FROM debian:12-slim AS build
WORKDIR /src
COPY packages.sh ./
RUN ["/bin/bash", "-c", ". ./packages.sh && install_packages \"${BUILD_PACKAGES[@]}\""]
COPY . .
RUN cmake --preset release && cmake --build --preset release --target tidemark

FROM debian:12-slim AS program
RUN apt-get update -q && apt-get install -q -y --no-install-recommends ca-certificates libavro23 libjansson4 libmicrohttpd12 \
  librdkafka1 libsimdjson14 libssl3 libstdc++6 libyaml-0-2 libzstd1 zlib1g && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/build/release/tidemark /usr/local/bin/tidemark
COPY examples/bikes /usr/share/tidemark/bikes
RUN ! ldd /usr/local/bin/tidemark | grep 'not found'
USER nobody
ENTRYPOINT ["tidemark"]

FROM program AS load
USER root
RUN apt-get update -q && apt-get install -q -y --no-install-recommends kcat python3 && rm -rf /var/lib/apt/lists/*
USER nobody
ENTRYPOINT ["/usr/share/tidemark/bikes/load.py"]
