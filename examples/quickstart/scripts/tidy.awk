# Turn one of three table layouts into rows "YYYY-MM-DD,value" without a header.
#   layout=dated    date as YYYYMMDD, value
#   layout=yearly   year, value
#   layout=monthly  year, twelve monthly values
# Missing values are left out; an unreadable row ends the program with status 1.
BEGIN { FS = ","; failed = 0 }

function reject(why) {
  printf "line %d: %s: %s\n", NR, why, $0 > "/dev/stderr"
  failed = 1
  exit 1
}

function emit(date, value) {
  if (value == "") return
  if (value !~ /^-?[0-9]+(\.[0-9]+)?$/) reject("not a number")
  print date "," value
}

{ gsub(/["\r]/, "") }
NR == 1 { next }
$1 !~ /^[0-9]+$/ { reject("the first column is not a date") }

layout == "dated" {
  if (length($1) != 8) reject("the date is not YYYYMMDD")
  emit(substr($1, 1, 4) "-" substr($1, 5, 2) "-" substr($1, 7, 2), $2)
  next
}
layout == "yearly" { emit($1 "-07-01", $2); next }
layout == "monthly" {
  if (NF != 13) reject("expected a year and twelve months")
  for (month = 1; month <= 12; month++) emit(sprintf("%s-%02d-15", $1, month), $(month + 1))
  next
}
{ reject("unknown layout " layout) }
