# Sourced by the tidy tests: the rooms, the objects of a build, the verdict.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
rooms='base schemas consumer windowing detectors alerts report app'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/bad"

# objects BUILD ROOMS: lines "room object", only of the rooms' libraries (and of the program in app).
objects() {
	for room in $2; do
		[ -d "$1/$room" ] || continue
		find "$1/$room" -path "*/tide_$room.dir/*.o" | sort | sed "s|^|$room |"
	done
	[ ! -d "$1/app" ] || find "$1/app" -path '*/tidemark.dir/*.o' | sort | sed 's|^|app |'
}

# symbols OPTIONS OBJECT: gcc-nm also reads the objects of a link-time optimised build.
symbols() {
	if command -v gcc-nm >/dev/null; then gcc-nm "$@"; else nm "$@"; fi
}

# sources ROOT FOLDERS: the C and C++ files and headers under those folders that exist.
sources() {
	for folder in $2; do
		[ -d "$1/$folder" ] || continue
		(cd "$1" && find "$folder" \( -name '*.c' -o -name '*.h' -o -name '*.cc' \) | sort)
	done
}

# bare FILE: its code, line for line, without comments and with empty string literals.
bare() {
	awk '{
		line = $0; out = ""
		while (line != "") {
			if (inside) {
				end = index(line, "*/")
				if (!end) { line = ""; break }
				line = substr(line, end + 2); inside = 0
				continue
			}
			if (!match(line, /\/\*|\/\/|"|\047/)) { out = out line; line = ""; break }
			found = substr(line, RSTART, RLENGTH)
			out = out substr(line, 1, RSTART - 1)
			line = substr(line, RSTART + RLENGTH)
			if (found == "/*") { inside = 1; out = out " "; continue }
			if (found == "//") { line = ""; break }
			while (line != "" && substr(line, 1, 1) != found)
				line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
			line = substr(line, 2)
			out = out found found
		}
		print out
	}' "$1"
}

# verdict WHAT: prints what is wrong, or what was looked at; the exit code of the test.
verdict() {
	if [ -s "$work/bad" ]; then
		cat "$work/bad"
		exit 1
	fi
	echo "ok: $1"
}
