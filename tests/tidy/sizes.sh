#!/bin/sh
# sizes.sh ROOT: C functions of at most 70 lines (from the opening to the closing brace), C files of
# at most 500 lines, lines of at most 100 characters (a tab counts as one). The generated tables
# tests/golden/*.h are exempt. long_lines.known lists "file count" of older long lines: a file may
# have that many and no more; a line of the list is taken out when its file is mended.
. "$(dirname "$0")/common.sh"
root=$1
known=$(cd "$(dirname "$0")" && pwd)/long_lines.known
[ -f "$known" ] || known=/dev/null
sources "$root" "$rooms tests bench" | grep -v '^tests/golden/[^/]*\.h$' >"$work/files" || true
while read -r file; do
	grep -nE '^.{101}' "$root/$file" | sed 's/:.*//' >"$work/long" || true
	allowed=$(awk -v file="$file" '$1 == file { print $2 }' "$known")
	if [ "$(wc -l <"$work/long")" -gt "${allowed:-0}" ]; then
		sed "s|^|$file:|; s|\$|: longer than 100 columns|" "$work/long" >>"$work/bad"
	fi
	awk -v file="$file" '
		/^{/ || /^[A-Za-z_].*\)[ \t]*{$/ { open = FNR }
		/^}/ && open {
			if (FNR - open + 1 > 70)
				print file ":" open ": a function of " FNR - open + 1 " lines, more than 70"
			open = 0
		}
		END { if (FNR > 500) print file ": " FNR " lines, more than 500" }' \
		"$root/$file" >>"$work/bad"
done <"$work/files"
verdict "$(wc -l <"$work/files") files"
