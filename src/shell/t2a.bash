# t2a's shell integration for bash 4.4 and later: tells where prompts and commands begin and end, in marks that no terminal
# shows (OSC 633). All it keeps is in one array, which is never exported, not even under `set -a`; PS1 stays as it is.
# In a function, so that a DEBUG trap and `set -x` of the user's show nothing of it. $1: the DEBUG trap; $2: what $_ shall be.
__t2a_load() {
  unset -f __t2a_load
  { local - && set +aeTux; } 2>/dev/null || return 0 # bash 4.3 has no `local -`
  if [[ $- != *i* || -n "${__t2a[0]-}" || -o posix ]] || shopt -q restricted_shell; then return 0; fi
  declare -gA __t2a=([0]=$$ [n]=0 [nonce]= [ran]=0 [begun]=0 [folder]= [cwd]= [url]= [changes]= [isArray]=0
    [number]=0 [read]=0 [stays]=0 [choosy]=0 [count]=0 [known]=0 [want]=0 [fired]=0 [trap]=0 [first]= [last]= [mark]=
    [text]= [new]= [line]= [a]= [b]= [c]= [d]= [e]= [f]= [end]=
    [backslash]='\' [hex5c]='\\' [hex3b]='\x3b' [newline]=$'\n' [hex0a]='\x0a' [tab]=$'\t' [hex09]='\x09' [esc]=$'\e' [hex1b]='\x1b')

  # PS0 is expanded when a line was read, and nothing but expansions runs without a process of its own there: the work is done
  # by expanding. `(())` sets numbers; a text is set in the key of an element that is never there, and so not shown. One
  # process is paid: the one that history's last line comes from.
  #   count  lines that came into history with this one
  #   known  1: that line is the one that was read. Some lines are kept out of history (`choosy`: 1 yes, 2 and an older line
  #          goes when one comes again: `count` is 0 then as well, but another text stands there)
  #   want   what the first simple command is looked at for: 1 to be remembered, 2 as the line's text, 3 many lines
  __t2a_key() { __t2a[ps0]+="\${__t2a[x\${__t2a[$1]:=$2}]-}"; }
  __t2a[ps0]=
  __t2a_key text '$(HISTTIMEFORMAT= builtin history 1)'
  __t2a_key new '${__t2a[text]#"${__t2a[last]}"}'
  __t2a_key line '${__t2a[text]#*[0-9][* ] }'
  __t2a_key a '${__t2a[line]:0:16384}'
  __t2a_key b '${__t2a[a]//"${__t2a[backslash]}"/"${__t2a[hex5c]}"}'
  __t2a_key c '${__t2a[b]//;/"${__t2a[hex3b]}"}'
  __t2a_key d '${__t2a[c]//"${__t2a[newline]}"/"${__t2a[hex0a]}"}'
  __t2a_key e '${__t2a[d]//"${__t2a[tab]}"/"${__t2a[hex09]}"}'
  __t2a_key f '${__t2a[e]//"${__t2a[esc]}"/"${__t2a[hex1b]}"}'
  __t2a_key end ';aid=$$${__t2a[nonce]:+;t2a=${__t2a[nonce]}.$((++__t2a[n]))}\a'
  __t2a_key mark '\e]633;E;${__t2a[f]//[[:cntrl:]]/?}${__t2a[end]}'
  __t2a[ps0]+='${__t2a[mark]:0:$((__t2a[ran]=1, __t2a[read]=HISTCMD, __t2a[count]=HISTCMD-__t2a[number],
    __t2a[known]=__t2a[count]==1||__t2a[count]<1&&(__t2a[choosy]==0||__t2a[choosy]==2&&__t2a[stays]&&${#__t2a[new]}>0),
    __t2a[want]=__t2a[known]?1:__t2a[count]>1?3:2, __t2a[known]&&${#__t2a[line]}>0?${#__t2a[mark]}:0))}'
  __t2a[ps0]+='\e]633;C;aid=$$${__t2a[nonce]:+;t2a=${__t2a[nonce]}.$((++__t2a[n]))}\a'
  unset -f __t2a_key

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

  # The lines that were read, where each has an entry of its own in history (cmdhist is off), into `text`. $1: how many.
  __t2a_history() {
    local entries line
    entries=$(HISTTIMEFORMAT= builtin history "$1" 2>/dev/null)
    text=
    while IFS= builtin read -r line; do text+=${line#*[0-9][* ] }$'\n'; done <<<"$entries"
    text=${text%$'\n'}
  }

  # Some lines are kept out of history: that a line is not in it does not say that it is the one before again.
  __t2a_look_at_history() {
    if ((__t2a[ran])); then __t2a[last]=${__t2a[text]}; fi
    __t2a[number]=${HISTCMD:-0}
    __t2a[stays]=$((__t2a[number] == __t2a[read])) # nobody took lines out since the last one was read
    __t2a[choosy]=0
    if [[ "${HISTCONTROL-}" == *ignore[sb]* || -n "${HISTIGNORE-}" || ! -o history ]]; then __t2a[choosy]=1; fi
    if ((__t2a[choosy])) && [[ "${HISTCONTROL-}" == *erasedups* ]]; then __t2a[choosy]=2; fi
    __t2a[text]= __t2a[new]= __t2a[line]= __t2a[a]= __t2a[b]= __t2a[c]= __t2a[d]= __t2a[e]= __t2a[f]= __t2a[end]= __t2a[mark]=
  }

  # The first simple command of the line is about to run: all that is known of a line that is in no history. The same one
  # as when history's last line was run: that line again.
  __t2a_first_command() {
    local status=$? marks= text=
    if ((__t2a[want] == 0 && __t2a[fired] < 50)); then builtin return "$status"; fi
    { local -; builtin set +aeTux; } 2>/dev/null
    if ((__t2a[want] == 1 || __t2a[want] == 3)); then __t2a[first]=$BASH_COMMAND; fi
    if ((__t2a[want] >= 2)) && [[ $BASH_COMMAND != __t2a_* ]]; then
      text=$BASH_COMMAND
      if ((__t2a[want] == 3)); then
        __t2a_history "$((__t2a[count] < 1000 ? __t2a[count] : 1))"
      elif [[ $text == "${__t2a[first]}" && -o history ]]; then text=${__t2a[line]}; fi
      __t2a_escape
      __t2a_mark "E;$text"
      __t2a_tell
    fi
    __t2a[want]=0
    # A loop at the prompt shall not pay for this with each turn: the trap goes, and comes back at the prompt.
    if ((__t2a[fired] >= 50)); then __t2a[trap]=0; fi
    builtin return "$status"
  }

  # $1: the trap that is there, which only the prompt itself can tell. Somebody else's stays.
  __t2a_set_trap() {
    { local -; builtin set +aeTux; } 2>/dev/null
    __t2a[trap]=-1
    [[ -z "$1" ]] || builtin return 0
    __t2a[trap]=1
    builtin trap '((__t2a[want]==0&&++__t2a[fired]<50))||{ __t2a_first_command "$_"; ((__t2a[trap]))||trap - DEBUG; }' DEBUG
  }

  # `text`, percent-encoded, into `url`.
  __t2a_encode() {
    local LC_ALL=C at byte code
    url=
    if [[ $text == *[!A-Za-z0-9/._~+,@-]* ]]; then
      for ((at = 0; at < ${#text}; at++)); do
        byte=${text:at:1}
        if [[ $byte == [!A-Za-z0-9/._~+,@-] ]]; then
          builtin printf -v code '%d' "'$byte"
          builtin printf -v byte '%%%02X' "$((code & 255))"
        fi
        url+=$byte
      done
    else url=$text; fi
  }

  # Where the shell is, into `__t2a[cwd]` (escaped) and `__t2a[url]` (percent-encoded).
  __t2a_find_folder() {
    [[ "${__t2a[folder]}" != "$PWD" ]] || builtin return 0
    __t2a[folder]=$PWD
    local text="$PWD" url
    __t2a_encode
    __t2a[url]=$url
    __t2a_escape
    __t2a[cwd]=$text
  }

  # Looks at the variables that are to be told of. Which these are is known where t2a started this shell for a session: a function
  # of this name that names them comes in place of this one.
  __t2a_variables() { builtin :; }

  # Tells of a variable where it has changed since it was told of. $1: its name; $2: its attributes and `=`, where it is set; $3: its value.
  __t2a_variable() {
    local now=- text="$3" url size
    if [[ "$2" == *x*= ]]; then now="=$3"; fi
    [[ "${__t2a["told $1"]-}" != "$now" ]] || builtin return 0
    __t2a["told $1"]=$now
    if [[ "$now" == - ]]; then __t2a[changes]+="$1;"
    else
      __t2a_size
      if ((size > 4096)); then __t2a[changes]+="$1?;"
      else
        __t2a_encode
        __t2a[changes]+="$1=$url;"
      fi
    fi
  }

  # Bytes of `text`, into `size`.
  __t2a_size() {
    local LC_ALL=C
    size=${#text}
  }

  # The command's end, before any other prompt code runs.
  __t2a_precmd() {
    local status=$? marks=
    { local -; builtin set +aeTux; } 2>/dev/null
    __t2a[begun]=1
    __t2a[want]=0
    if ((__t2a[ran])); then
      __t2a_mark "D;$status"
      __t2a_tell
    fi
    __t2a_look_at_history
    __t2a[ran]=0
    builtin return "$status"
  }

  # The prompt's beginning, after all other prompt code.
  __t2a_prompt() {
    builtin set -- "$?"
    { local -; builtin set +aeTux; } 2>/dev/null
    __t2a_variables # before there are local variables, which would be taken for the user's own
    local status=$1 marks=
    if ((__t2a[begun] == 0)); then
      if ((__t2a[ran])); then __t2a_mark "D;$status"; fi
      __t2a_look_at_history
      __t2a[ran]=0
    fi
    if ((__t2a[isArray])); then __t2a_hook_again; fi
    __t2a[begun]=0
    __t2a_find_folder
    __t2a_mark "P;Cwd=${__t2a[cwd]}"
    marks+=$'\e]7;file://'"${HOSTNAME-}${__t2a[url]}"$'\a'
    while [[ -n "${__t2a[changes]}" ]]; do
      __t2a_mark "P;Env=${__t2a[changes]%%;*}"
      __t2a[changes]=${__t2a[changes]#*;}
    done
    __t2a_mark A
    __t2a_tell
    if [[ "${PS0-}" != *'${__t2a[ps0]@P}'* ]] && builtin shopt -q promptvars; then PS0="${PS0-}"'${__t2a[ps0]@P}'; fi
    __t2a[fired]=0
    # Only where lines may be missing from history.
    if ((__t2a[isArray] && __t2a[trap] == 0 && (__t2a[choosy] > 0 || __t2a[count] > 1))); then __t2a[trap]=2; fi
    builtin return "$status"
  }

  # First and last of PROMPT_COMMAND. Where somebody gave it a new value, that one is theirs, in place of the one it had. Where
  # they put something before ours in one entry, ours comes first all the same: theirs would change the status that it tells.
  __t2a_hook_again() {
    local entry others=()
    if [[ "${PROMPT_COMMAND[0]-}" == __t2a_precmd* && "${PROMPT_COMMAND[-1]}" == "${__t2a[last_entry]}" ]]; then builtin return 0; fi
    if [[ "${PROMPT_COMMAND[0]-}" != *__t2a_precmd* && "${PROMPT_COMMAND[1]-}" != "${__t2a[last_entry]}" ]]; then
      builtin unset -v 'PROMPT_COMMAND[1]'
    fi
    for entry in "${PROMPT_COMMAND[@]}"; do
      if [[ "$entry" != "${__t2a[last_entry]}" && "$entry" != __t2a_precmd ]]; then others+=("$entry"); fi
    done
    if [[ "${others[0]-}" == __t2a_precmd* ]]; then
      PROMPT_COMMAND=("${others[@]}" "${__t2a[last_entry]}")
    else PROMPT_COMMAND=(__t2a_precmd "${others[@]}" "${__t2a[last_entry]}"); fi
  }

  # For bash-preexec, which knows a line that history does not have. $1: the line.
  __t2a_preexec() {
    local marks= text="${1-}"
    { local -; builtin set +aeTux; } 2>/dev/null
    if ((__t2a[want] >= 2)) && [[ -n "$text" ]]; then
      __t2a_escape
      __t2a_mark "E;$text"
      __t2a_tell
    fi
    __t2a[want]=0
  }

  # A DEBUG trap of somebody else's shall not take what runs for the prompt for a command of the user's, as it would know of
  # its own. `case` leaves $? and $_ as they are.
  __t2a_share_trap() {
    local terms
    builtin eval "terms=($1)"
    __t2a[trap]=-1
    builtin trap "case \$BASH_COMMAND in __t2a_*|\(\(*__t2a*) ;; *) __t2a_first_command \"\$_\"
${terms[2]}
;; esac" DEBUG
  }

  # Outside of functions alone a DEBUG trap is to be seen.
  __t2a[last_entry]='__t2a_prompt;((__t2a[trap]!=2))||__t2a_set_trap "$(trap -p DEBUG)"'
  if [[ -n "${bash_preexec_imported-}${__bp_imported-}" ]]; then
    precmd_functions=(__t2a_precmd "${precmd_functions[@]}" __t2a_prompt)
    preexec_functions+=(__t2a_preexec)
  elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
    if [[ -n "$1" ]]; then __t2a_share_trap "$1"; fi
    __t2a[isArray]=1 # each entry has its own $?, $_ and PIPESTATUS
    PROMPT_COMMAND=(__t2a_precmd "${PROMPT_COMMAND[@]}" "${__t2a[last_entry]}")
  else
    PROMPT_COMMAND=$'__t2a_precmd "$_"\n'"${PROMPT_COMMAND-}"$'\n__t2a_prompt "$_"'
  fi
}
__t2a_load "$(trap -p DEBUG)" "$_"
