# Makes every line of the container's log one JSON object: lines of the services are, those of
# PostgreSQL, supervisord and scripts become one. `mawk -W interactive -f one-line.awk`.

function quoted(text) {
  gsub(/\\/, "\\\\", text)
  gsub(/"/, "\\\"", text)
  gsub(/\t/, "\\t", text)
  gsub(/[\001-\037]/, " ", text)
  return "\"" text "\""
}

# Levels of PostgreSQL and supervisord, as the services name them.
function level(word) {
  if (word ~ /^(PANIC|FATAL|ERROR|CRIT|ERRO)$/) return "ERROR"
  if (word ~ /^(WARNING|WARN)$/) return "WARN"
  if (word ~ /^(DEBUG|DEBG|TRAC|BLAT)/) return "DEBUG"
  return "INFO"
}

function say(at, severity, text, who) {
  printf "{\"timestamp\":%s,\"level\":\"%s\",\"message\":%s,\"target\":\"%s\"}\n", quoted(at), severity, quoted(text), who
}

/^\{/ { print; next }
/^[ \t]*$/ { next }

# 2026-11-22 10:00:00.123 UTC [42] LOG:  text
/^[0-9-]+ [0-9:.]+ [A-Z+0-9-]+ \[[0-9]+\] / {
  at = $1 "T" $2 "Z"
  sub(/^[0-9-]+ [0-9:.]+ [A-Z+0-9-]+ \[[0-9]+\] /, "")
  word = $1
  sub(/:$/, "", word)
  sub(/^[A-Z0-9]+: +/, "")
  say(at, level(word), $0, "postgres")
  next
}

# 2026-11-22 10:00:00,123 INFO text
/^[0-9-]+ [0-9:]+,[0-9]+ [A-Z]+ / {
  at = $1 "T" $2 "Z"
  sub(/,/, ".", at)
  word = $3
  sub(/^[0-9-]+ [0-9:]+,[0-9]+ [A-Z]+ /, "")
  say(at, level(word), $0, "supervisord")
  next
}

{ say(strftime("%Y-%m-%dT%H:%M:%SZ", systime(), 1), /[Ee]rror|cannot/ ? "ERROR" : "INFO", $0, "container") }
