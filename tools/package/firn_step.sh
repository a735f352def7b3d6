#!/bin/sh
# firn_step.sh FILE:LINE TARGET COMMAND…: runs a command of firn for firn_add_model(TARGET). Warnings and errors are told
# with the line that asked, in the form that editors jump to; nothing else is.
where=$1 target=$2
shift 2
text=$("$@" 2>&1)
code=$?
if [ $code -ne 0 ]; then
  printf '%s: error: firn_add_model(%s)\n%s\n' "$where" "$target" "$text" >&2
  exit $code
fi
printf '%s\n' "$text" | while IFS= read -r line; do
  case $line in
    *warning:\ *) printf '%s: warning: firn_add_model(%s): %s\n' "$where" "$target" "${line#*warning: }" >&2 ;;
  esac
done
