# t2a's shell integration for fish 3.1 and later: tells where prompts and commands begin and end, in marks that no terminal
# shows (OSC 633). None of its variables is exported; prompts stay as they are.
if status is-interactive; and not set -q __t2a_shell; and string match -qr '^(3\.[1-9]|[4-9]\.|[1-9][0-9])' -- $version
    set -g __t2a_shell $fish_pid
    set -g __t2a_n 0
    set -g __t2a_nonce
    set -g __t2a_ran 0
    set -g __t2a_changes

    # Writes marks, to the terminal itself: standard output and error may be redirected.
    function __t2a_tell
        set -l marks
        for mark in $argv
            set -l proof
            if test -n "$__t2a_nonce"
                set -g __t2a_n (math $__t2a_n + 1)
                set proof ";t2a=$__t2a_nonce.$__t2a_n"
            end
            set -a marks \e"]633;$mark;aid=$__t2a_shell$proof"\a
        end
        printf %s $marks >/dev/tty 2>/dev/null
    end

    # A text as a mark holds it: `\\`, `\xHH`; 16 K characters at most.
    function __t2a_escape
        set -l lines (string sub -l 16384 -- "$argv[1]" | string replace -a -- '\\' '\\\\' | string replace -a -- ';' '\\x3b')
        if string match -qr '[[:cntrl:]]' -- $lines
            for code in 01 02 03 04 05 06 07 08 09 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 7f
                set lines (string replace -ra -- "\\x$code" '\\\\\\\\x'$code $lines)
            end
            set lines (string replace -ra -- '[[:cntrl:]]' '?' $lines)
        end
        string join -- '\\x0a' $lines
    end

    # Looks at the variables that are to be told of. Which these are is known where t2a started this shell for a session: a function
    # of this name that names them comes in place of this one.
    function __t2a_variables
    end

    # Tells of a variable where it has changed since it was told of. $argv: its name, `=` where it is in the environment, its value.
    function __t2a_variable
        set -l last __t2a_told_$argv[1]
        set -l now "$argv[2]$argv[3]"
        if set -q $last; and test "$$last" = "$now"
            return
        end
        set -g $last $now
        set -l encoded (string escape --style=url -- "$argv[3]" | string join '%0A')
        if test -z "$argv[2]"
            set -a __t2a_changes "P;Env=$argv[1]"
        else if test (string replace -ra '%..' . -- "$encoded" | string length) -gt 4096
            set -a __t2a_changes "P;Env=$argv[1]?"
        else
            set -a __t2a_changes "P;Env=$argv[1]=$encoded"
        end
    end

    function __t2a_prompt --on-event fish_prompt
        __t2a_variables
        set -l folder (__t2a_escape "$PWD")
        printf '\e]7;file://%s%s\a' $hostname (string escape --style=url -- "$PWD" | string join '%0A') >/dev/tty 2>/dev/null
        __t2a_tell "P;Cwd=$folder" $__t2a_changes A
        set -g __t2a_changes
    end

    function __t2a_preexec --on-event fish_preexec
        set -g __t2a_ran 1
        __t2a_tell "E;"(__t2a_escape "$argv[1]") C
    end

    function __t2a_postexec --on-event fish_postexec
        set -l code $status
        test $__t2a_ran = 1; or return
        set -g __t2a_ran 0
        __t2a_tell "D;$code"
    end
end
