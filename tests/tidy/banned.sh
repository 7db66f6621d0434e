#!/bin/sh
# banned.sh ROOT: calls that the house does not make, each with what is used in its place. The third
# column is where a call is allowed. Comments and string literals do not count.
. "$(dirname "$0")/common.sh"
root=$1
cat >"$work/table" <<'END'
sprintf snprintf,tide_text_put_format -
vsprintf vsnprintf -
strcpy memcpy,tide_text_put -
strcat tide_text_put -
strncat tide_text_put -
strtok tide_text_* -
strtok_r tide_text_* -
atoi strtol -
atol strtol -
atof strtod -
localtime UTC -
localtime_r UTC -
gmtime gmtime_r -
rand a_seeded_generator -
srand a_seeded_generator -
random a_seeded_generator -
alloca a_pool -
time the_time_as_an_argument ^(base/log\.c|consumer/|report/|app/|tests/|bench/)
clock_gettime the_time_as_an_argument ^(base/log\.c|consumer/|report/|app/|tests/|bench/)
gettimeofday the_time_as_an_argument ^(base/log\.c|consumer/|report/|app/|tests/|bench/)
END
sources "$root" "$rooms tests bench" >"$work/files"
while read -r file; do
	bare "$root/$file" | awk -v file="$file" -v table="$work/table" '
		BEGIN {
			while ((getline line <table) > 0) {
				split(line, part, " ")
				if (part[3] != "-" && file ~ part[3]) continue
				instead[part[1]] = part[2]
			}
		}
		{
			rest = " " $0
			while (match(rest, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
				before = substr(rest, 1, RSTART - 1)
				word = substr(rest, RSTART, RLENGTH)
				rest = substr(rest, RSTART + RLENGTH)
				sub(/[ \t]*\($/, "", word)
				if (before ~ /(\.|->)[ \t]*$/ || !(word in instead)) continue
				print file ":" FNR ": " word "(): use " instead[word]
			}
		}' >>"$work/bad"
done <"$work/files"
verdict "$(wc -l <"$work/files") files"
