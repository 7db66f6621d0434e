#!/bin/sh
# names.sh BUILD: every object of a room exports only the names that its file stands for.
#   ROOM/…/FILE.c            tide_FILE, tide_FILE_*
#   detectors/…/FILE.c       also tide_detector_FILE, tide_detector_FILE_*
#   detectors/registry.c     also tide_detector, tide_detector_*, tide_detectors*
#   app/main.c               main
#   FILE.cc                  tide_FILE_* and weak C++ symbols (inline functions, vtables)
# A room without objects has nothing to say.
. "$(dirname "$0")/common.sh"
build=$1
objects "$build" "$rooms" >"$work/objects"
while read -r room object; do
	path=${object#*"/tide_$room.dir/"}
	file=$(basename "$object" .o)
	language=${file##*.}
	file=${file%.*}
	symbols -g --defined-only "$object" | awk -v room="$room" -v file="$file" -v path="$path" \
		-v cc="$language" '
		function starts(name, prefix) {
			return name == prefix || index(name, prefix "_") == 1
		}
		{ kind = $(NF - 1); name = $NF }
		name ~ /^(__odr_asan|__asan_|__gcov|_GLOBAL_|_ZTI|_ZTS)/ { next }
		cc != "c" && kind ~ /^[WVuv]$/ { next }
		starts(name, "tide_" file) { next }
		room == "detectors" && starts(name, "tide_detector_" file) { next }
		room == "detectors" && file == "registry" && name ~ /^tide_detectors?(_|$)/ { next }
		room == "app" && file == "main" && name == "main" { next }
		{ print room "/" path ": exports " name ", not tide_" file "_*" }' >>"$work/bad"
done <"$work/objects"
verdict "$(wc -l <"$work/objects") objects"
