# SPDX-License-Identifier: GPL-3.0-or-later
# bash completion for framewalk. Commands and options are read from --help, which is made
# from the program's own tables.

_framewalk() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W \
            "$("${COMP_WORDS[0]}" --help | awk '/^  [a-z]+  / { print $1 }') --help --version" \
            -- "$word")
    elif [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W \
            "$("${COMP_WORDS[0]}" "$command" --help 2>/dev/null |
                grep -o '^  .. *--[a-z-]*\|^  -., --[a-z-]*' | grep -o -- '--[a-z-]*')" \
            -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        compopt -o filenames
    fi
}

complete -F _framewalk framewalk
