# Makes annotations for GitHub Actions of what the rig printed: awk -f annotations.awk night.log compare.txt
# (workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions)

function say(level, text) {
  gsub(/%/, "%25", text)
  gsub(/\r/, "%0D", text)
  print "::" level "::" text
}

# The line of a run that did not pass waits for the next: that may say that it does not count.
function tell() {
  if (held != "") say(level, held)
  held = ""
}

/^QUARANTINED / { held = ""; say("warning", $0); next }
/^(FAIL|ERROR) [^ ]+ seed [0-9]+ / { tell(); held = $0; level = "error"; next }
/^(INVALID|ABORTED) [^ ]+ seed [0-9]+ / { tell(); held = $0; level = "warning"; next }
/^SKIPPED / { say("warning", $0); next }
/^A .+ · B / { pair = $0; next }
/^B against A: [1-9][0-9]* worse/ { say("warning", pair ": " $0); next }
END { tell() }
