# t2a's shell integration for bash 4.4 and later: tells where prompts and commands begin and end, in marks that no terminal
# shows (OSC 633). All it keeps is in one array, which is never exported, not even under `set -a`; PS1 stays as it is.
# Quoted and with `builtin`, since aliases and functions of the user's may be there already.
if [[ -n "${BASH_VERSION-}" && $- == *i* && -z "${__t2a[shell]-}" ]] && ! shopt -q restricted_shell &&
  [[ ! -o posix ]] && ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
  # `set -a` would export the functions.
  if [[ -o allexport ]]; then __t2a_all=-a; else __t2a_all=+a; fi
  set +a
  unset -v __t2a
  declare -A __t2a=([shell]=$$ [n]=0 [nonce]= [ran]=0 [late]=0 [want]=0 [fired]=0 [trap]=0 [number]=0 [bang]='\!' [first]= [none]=
    [folder]= [cwd]= [url]= [begun]=0 [ps0]='${__t2a[none]:$((__t2a[want]=1+0$(__t2a_output_starts \!),__t2a[n]+=2,__t2a[ran]=1,0)):0}')

  # Adds a mark to `marks`.
  __t2a_mark() {
    marks+=$'\e]633;'"$1;aid=$$"
    if [[ -n "${__t2a[nonce]}" ]]; then
      __t2a[n]=$((__t2a[n] + 1))
      marks+=";t2a=${__t2a[nonce]}.${__t2a[n]}"
    fi
    marks+=$'\a'
  }

  # To the terminal itself: standard output and error may be redirected for good.
  __t2a_tell() {
    { builtin printf '%s' "$marks" >/dev/tty; } 2>/dev/null
    marks=
  }

  # `text` as a mark holds it: `\\`, `\xHH`; 16 K characters at most.
  __t2a_escape() {
    local code hex character
    text=${text:0:16384}
    text=${text//\\/"\\\\"}
    text=${text//;/"\\x3b"}
    [[ $text == *[[:cntrl:]]* ]] || builtin return 0
    text=${text//$'\n'/"\\x0a"}
    text=${text//$'\t'/"\\x09"}
    [[ $text == *[[:cntrl:]]* ]] || builtin return 0
    for ((code = 1; code < 128; code++)); do
      ((code < 32 || code == 127)) || builtin continue
      builtin printf -v hex '%02x' "$code"
      builtin printf -v character '%b' "\\x$hex"
      text=${text//"$character"/"\\x$hex"}
    done
    text=${text//[[:cntrl:]]/?}
  }

  # The line that was read, as history has it, into `text`; the last `$1` entries where each line got its own.
  __t2a_history() {
    local entries rest line
    entries=$(HISTTIMEFORMAT= builtin history "$1" 2>/dev/null)
    if (($1 == 1)); then
      text=${entries#*[0-9][* ] }
      builtin return
    fi
    text=
    while IFS= builtin read -r line; do text+=${line#*[0-9][* ] }$'\n'; done <<<"$entries"
    text=${text%$'\n'}
  }

  # Some lines are kept out of history: that a line is not in it does not say that it is the one before again.
  __t2a_is_choosy() {
    [[ "${HISTCONTROL-}" == *ignore[sb]* || -n "${HISTIGNORE-}" || ! -o history ]]
  }

  # Runs in PS0, in a process of its own: the line was read. Prints 1 where its text is not known yet. $1: history's number.
  __t2a_output_starts() {
    { builtin set +aeux; } 2>/dev/null
    local marks= text= late=0 count=$(($1 - __t2a[number])) previous
    if ((count > 1000)); then count=1; fi
    if ((count <= 0)); then
      count=1
      if [[ "${HISTCONTROL-}" == *erasedups* ]]; then
        # An older one went when this one came, and the number stayed: what comes before it has another number then.
        previous=$(builtin fc -l -1 -1 2>/dev/null)
        previous=${previous%%[!0-9]*}
        if __t2a_is_choosy && ((${previous:-$1} >= $1)); then late=1; fi
      elif __t2a_is_choosy; then late=1; fi
    fi
    if ((late == 0)); then
      __t2a_history "$count"
      __t2a_escape
      if [[ -n $text ]]; then __t2a_mark "E;$text"; fi
    fi
    __t2a_mark C
    __t2a_tell
    builtin printf '%s' "$late"
  }

  # The first simple command of the line is about to run: all that is known of a line that is in no history. The same one
  # as when history's last line was run: that line again.
  __t2a_first_command() {
    local marks= text=
    { local -; builtin set +aeux; } 2>/dev/null
    if ((__t2a[want] == 1)); then
      __t2a[first]=$BASH_COMMAND
    elif ((__t2a[want] == 2)) && [[ $BASH_COMMAND != __t2a_* ]]; then
      text=$BASH_COMMAND
      if [[ $text == "${__t2a[first]}" && -o history ]]; then __t2a_history 1; fi
      __t2a_escape
      __t2a_mark "E;$text"
      __t2a_tell
    fi
    __t2a[want]=0
    # A loop at the prompt shall not pay for this with each turn: the trap goes, and comes back at the prompt.
    if ((__t2a[fired] >= 50)); then __t2a[trap]=0; fi
    builtin return 0
  }

  # Only where lines may be missing from history, and nobody else has a trap there.
  __t2a_set_trap() {
    ((__t2a[trap] == 0)) && __t2a_is_choosy || builtin return 0
    if [[ -n "$(builtin trap -p DEBUG)" ]]; then
      __t2a[trap]=-1
      builtin return 0
    fi
    __t2a[trap]=1
    builtin trap '((__t2a[want]==0&&++__t2a[fired]<50))||{ __t2a_first_command "$_"; ((__t2a[trap]))||trap - DEBUG; }' DEBUG
  }

  # Where the shell is, into `__t2a[cwd]` (escaped) and `__t2a[url]` (percent-encoded).
  __t2a_find_folder() {
    [[ "${__t2a[folder]}" != "$PWD" ]] || builtin return 0
    __t2a[folder]=$PWD
    local text="$PWD" LC_ALL=C at byte url=
    if [[ $text == *[!A-Za-z0-9/._~+,@-]* ]]; then
      for ((at = 0; at < ${#text}; at++)); do
        byte=${text:at:1}
        if [[ $byte == [!A-Za-z0-9/._~+,@-] ]]; then builtin printf -v byte '%%%02X' "$(("$(builtin printf '%d' "'$byte")" & 255))"; fi
        url+=$byte
      done
    else url=$text; fi
    __t2a[url]=$url
    builtin unset -v LC_ALL # the local one: characters count again
    __t2a_escape
    __t2a[cwd]=$text
  }

  # The command's end, before any other prompt code runs.
  __t2a_precmd() {
    local status=$? marks=
    { local -; builtin set +aeux; } 2>/dev/null
    __t2a[begun]=1
    __t2a[want]=0
    if ((__t2a[ran])); then
      __t2a[ran]=0
      __t2a_mark "D;$status"
      __t2a_tell
    fi
    builtin return "$status"
  }

  # The prompt's beginning, after all other prompt code.
  __t2a_prompt() {
    local status=$? marks=
    { local -; builtin set +aeux; } 2>/dev/null
    if ((__t2a[begun] == 0)); then
      __t2a_hook_again
      if ((__t2a[ran])); then __t2a_mark "D;$status"; fi
      __t2a[ran]=0
    fi
    __t2a[begun]=0
    __t2a_find_folder
    __t2a_mark "P;Cwd=${__t2a[cwd]}"
    marks+=$'\e]7;file://'"${HOSTNAME-}${__t2a[url]}"$'\a'
    __t2a_mark A
    __t2a_tell
    if ((__t2a[preexec] == 0)); then
      if [[ "${PS0-}" != *"${__t2a[ps0]}"* ]] && builtin shopt -q promptvars; then PS0="${PS0-}${__t2a[ps0]}"; fi
      __t2a[number]=${__t2a[bang]@P}
      # So it is with an empty history as well as with one line in it.
      if ((__t2a[number] == 1)) && [[ -z "$(builtin history 1)" ]]; then __t2a[number]=0; fi
      __t2a[fired]=0
      __t2a_set_trap
    fi
    builtin return "$status"
  }

  # Somebody gave PROMPT_COMMAND a new value: that one is theirs, in place of the one it had.
  __t2a_hook_again() {
    [[ -z "${__t2a[isArray]-}" || "${PROMPT_COMMAND[0]-}" == *__t2a_precmd* ]] && builtin return 0
    if [[ "${PROMPT_COMMAND[1]-}" == __t2a_prompt ]]; then
      PROMPT_COMMAND=(__t2a_precmd "${PROMPT_COMMAND[@]}")
    else PROMPT_COMMAND=(__t2a_precmd "${PROMPT_COMMAND[0]-}" "${PROMPT_COMMAND[@]:2}"); fi
  }

  # For bash-preexec, which knows the line. $1: the line.
  __t2a_preexec() {
    local marks= text="${1-}"
    { local -; builtin set +aeux; } 2>/dev/null
    if ((__t2a[ran])); then builtin return 0; fi
    __t2a[ran]=1
    __t2a_escape
    if [[ -n $text ]]; then __t2a_mark "E;$text"; fi
    __t2a_mark C
    __t2a_tell
  }

  if [[ -n "${bash_preexec_imported-}${__bp_imported-}" ]]; then
    __t2a[preexec]=1
    precmd_functions=(__t2a_precmd "${precmd_functions[@]}" __t2a_prompt)
    preexec_functions+=(__t2a_preexec)
  else
    __t2a[preexec]=0
    # From 5.1 on each entry has its own $?, $_ and PIPESTATUS.
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
      __t2a[isArray]=1
      PROMPT_COMMAND=(__t2a_precmd "${PROMPT_COMMAND[@]}" __t2a_prompt)
    else
      PROMPT_COMMAND=$'__t2a_precmd "$_"\n'"${PROMPT_COMMAND-}"$'\n__t2a_prompt "$_"'
    fi
  fi
  builtin set "$__t2a_all"
  builtin unset -v __t2a_all
fi
