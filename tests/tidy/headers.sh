#!/bin/sh
# headers.sh ROOT: a room's header includes only the house's own headers and those of the C
# standard, names no type of a library, and has its guard TIDE_<PATH>_H: every folder and the file
# name in capitals, joined by underscores.
. "$(dirname "$0")/common.sh"
root=$1
standard='assert|complex|ctype|errno|fenv|float|inttypes|limits|locale|math|setjmp|signal|stdalign'
standard="$standard|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|tgmath"
standard="$standard|threads|time|uchar|wchar|wctype|sys/types"
own=$(echo "$rooms" | tr ' ' '|')
foreign='rd_kafka_[a-z_]+|json_t|json_error_t|avro_[a-z_]+_t|yaml_[a-z_]+_t|MHD_[A-Za-z_]+|struct MHD_'
foreign="$foreign|CURL[A-Za-z]*|curl_[a-z_]+|XXH[0-9]*_[A-Za-z0-9_]+|z_stream|gzFile|ZSTD_[A-Za-z]+"
foreign="$foreign|EVP_[A-Z_]+|HMAC_CTX|SHA256_CTX|simdjson|std::|SCREEN|WINDOW"
sources "$root" "$rooms" | grep '\.h$' >"$work/files" || true
while read -r file; do
	grep -nE '^[ \t]*#[ \t]*include' "$root/$file" |
		grep -Ev "<($standard)\.h>|\"($own)/[a-z0-9_/]+\.(h|def)\"" |
		sed "s|^|$file:|; s|\$|  (not of the house or the C standard)|" >>"$work/bad" || true
	bare "$root/$file" | grep -v '^[ \t]*#' | grep -noE "(^|[^A-Za-z0-9_])($foreign)([^A-Za-z0-9_]|\$)" |
		sed "s|^|$file: a library's name: |" >>"$work/bad" || true
	guard=TIDE_$(echo "${file%.h}" | tr 'a-z/' 'A-Z_')_H
	bare "$root/$file" | grep -E '^[ \t]*#' | head -n 2 | tr -s ' \t\n' ' ' >"$work/guard"
	grep -q "^#ifndef $guard #define $guard " "$work/guard" ||
		echo "$file: the guard $guard is missing" >>"$work/bad"
done <"$work/files"
verdict "$(wc -l <"$work/files") headers"
