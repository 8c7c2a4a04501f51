# t2a's shell integration for zsh 5.3 and later: tells where prompts and commands begin and end, in marks that no terminal
# shows (OSC 633). All it keeps is in one array, which is never exported; PROMPT and RPROMPT stay as they are.
if [[ -o interactive && ! -o restricted && -z "${__t2a-}" && "${ZSH_VERSION-}" != [1-4].* && "${ZSH_VERSION-}" != 5.[0-2] && "${ZSH_VERSION-}" != 5.[0-2].* ]]; then
  'builtin' 'typeset' -gA __t2a
  __t2a=(shell $$ n 0 nonce '' ran 0 folder '' cwd '' url '' changes '')

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
    { 'builtin' 'print' -rn -- "$marks" >/dev/tty } 2>/dev/null
    marks=
  }

  # `text` as a mark holds it: `\\`, `\xHH`; 16 K characters at most.
  __t2a_escape() {
    'builtin' 'local' code hex character backslash='\'
    text=${text[1,16384]}
    text=${text//$backslash/$backslash$backslash}
    text=${text//;/${backslash}x3b}
    [[ "$text" == *[[:cntrl:]]* ]] || return 0
    text=${text//$'\n'/${backslash}x0a}
    text=${text//$'\t'/${backslash}x09}
    [[ "$text" == *[[:cntrl:]]* ]] || return 0
    for code in {1..31} 127; do
      'builtin' 'printf' -v hex '%02x' $code
      'builtin' 'printf' -v character "\\x$hex"
      text=${text//$character/${backslash}x$hex}
    done
    text=${text//[[:cntrl:]]/?}
  }

  # $1, percent-encoded, into `url`.
  __t2a_encode() {
    'builtin' 'local' byte hex
    'builtin' 'setopt' local_options no_multibyte
    url=
    for byte in "${(@s::)1}"; do
      if [[ "$byte" == [^A-Za-z0-9/._~+,@-] ]]; then
        'builtin' 'printf' -v hex '%%%02X' $((#byte & 255))
        byte=$hex
      fi
      url+=$byte
    done
  }

  # Where the shell is, into `__t2a[cwd]` (escaped) and `__t2a[url]` (percent-encoded).
  __t2a_find_folder() {
    [[ "${__t2a[folder]}" != "$PWD" ]] || return 0
    'builtin' 'local' text="$PWD" url
    __t2a[folder]=$PWD
    __t2a_escape
    __t2a[cwd]=$text
    __t2a_encode "$PWD"
    __t2a[url]=$url
  }

  # Looks at the variables that are to be told of. Which these are is known where t2a started this shell for a session: a function
  # of this name that names them comes in place of this one.
  __t2a_variables() { 'builtin' ':'; }

  # Tells of a variable where it has changed since it was told of. $1: its name; $2: its kind, empty where it is not set; $3: its value.
  __t2a_variable() {
    'builtin' 'local' now=- url
    if [[ "$2" == *-export* ]]; then now="=$3"; fi
    [[ "${__t2a[told_$1]-}" != "$now" ]] || return 0
    __t2a[told_$1]=$now
    'builtin' 'setopt' local_options no_multibyte
    if [[ "$now" == - ]]; then __t2a[changes]+="$1;"
    elif (( ${#3} > 4096 )); then __t2a[changes]+="$1?;"
    else
      __t2a_encode "$3"
      __t2a[changes]+="$1=$url;"
    fi
  }

  # The command's end, before any other prompt code runs.
  __t2a_precmd() {
    'builtin' 'local' code=$? marks=
    'builtin' 'emulate' -L zsh
    (( __t2a[ran] )) || return 0
    __t2a[ran]=0
    __t2a_mark "D;$code"
    __t2a_tell
  }

  # The prompt's beginning, after all other prompt code.
  __t2a_prompt() {
    'builtin' 'emulate' -L zsh
    __t2a_variables # before there are local variables, which would be taken for the user's own
    'builtin' 'local' marks=
    __t2a_find_folder
    __t2a_mark "P;Cwd=${__t2a[cwd]}"
    marks+=$'\e]7;file://'"${HOST}${__t2a[url]}"$'\a'
    while [[ -n "${__t2a[changes]}" ]]; do
      __t2a_mark "P;Env=${__t2a[changes]%%;*}"
      __t2a[changes]=${__t2a[changes]#*;}
    done
    __t2a_mark A
    __t2a_tell
  }

  # The line was read. $1: as it was typed; empty without history, then $3 has it as zsh prints it.
  __t2a_preexec() {
    'builtin' 'local' marks= text="${1:-$3}"
    'builtin' 'emulate' -L zsh
    __t2a[ran]=1
    text=${text%$'\n'}
    __t2a_escape
    if [[ -n "$text" ]]; then __t2a_mark "E;$text"; fi
    __t2a_mark C
    __t2a_tell
  }

  # At the first prompt, when the user's start files are through: first and last of all. Where those files set the functions of
  # prompts anew, it is called with the first line, before it goes to history.
  __t2a_start() {
    'builtin' 'emulate' -L zsh
    precmd_functions=(__t2a_precmd ${precmd_functions:#__t2a_start} __t2a_prompt)
    preexec_functions=(${preexec_functions:#__t2a_*} __t2a_preexec)
    zshaddhistory_functions=(${zshaddhistory_functions:#__t2a_start})
    'builtin' 'unfunction' __t2a_start
    if (( $# == 0 )); then __t2a_prompt; fi
    return 0
  }
  precmd_functions+=(__t2a_start)
  zshaddhistory_functions+=(__t2a_start)
fi
