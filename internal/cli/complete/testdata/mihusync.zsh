#compdef mihusync

_mihusync() {
    local curcontext=$curcontext state line
    typeset -A opt_args
    local -a global verbs
    global=(
        '(--help -h)--help[Show help for a command]'
        '(--help -h)-h[Show help for a command]'
        '*--only=[Only objects with this address]:value: '
        '*--except=[All but objects with this address]:value: '
        '*--tag=[Set a CUE tag]:value: '
        '*-t+[Set a CUE tag]:value: '
        '(--sandbox)--sandbox[Use the embedded Mihu instead of the network]'
        '(--sandbox-data)--sandbox-data=[Where the embedded Mihu keeps its state]:value:_files'
        '(--base-url)--base-url=[Use the server at this address (MIHU_BASE_URL)]:value: '
        '(--rps)--rps=[Most requests a second]:value: '
        '(--color)--color=[Colour]:value:(auto always never)'
        '(--debug-http)--debug-http[Show requests and answers on standard error, secrets left out]'
        '(--verbose -v)--verbose[Tell more, such as the requests made]'
        '(--verbose -v)-v[Tell more, such as the requests made]'
        '(--quiet -q)--quiet[Tell nothing but results and errors]'
        '(--quiet -q)-q[Tell nothing but results and errors]'
    )
    verbs=(
        'init:Write a workspace to start from'
        'validate:Check the files, offline'
        'plan:Show what apply would change'
        'apply:Bring the live workspace to what the files declare'
        'export:Write the live workspace to files'
        'sandbox:Serve the embedded Mihu over HTTP'
        'schema:Print the CUE schema or refresh it in a workspace'
        'completion:Print the completion script of a shell'
        'version:Print the version'
    )
    _arguments -C $global '1: :->verb' '*:: :->rest' && return
    case $state in
    verb) _describe -t commands command verbs ;;
    rest)
        curcontext=${curcontext%:*:*}:mihusync-$words[1]:
        case $words[1] in
        init)
            _arguments $global \
                '1:dir:_directories' \
                && return
            ;;
        validate)
            _arguments $global \
                '(--format)--format=[Form of the findings]:value:(text json)' \
                '1:dir:_directories' \
                && return
            ;;
        plan)
            _arguments $global \
                '(--format)--format=[Form of the plan]:value:(text json markdown html)' \
                '(--detailed-exitcode)--detailed-exitcode[Exit with 2 when there are changes]' \
                '(--full)--full[Show long texts whole]' \
                '(--summary)--summary[One line for each object]' \
                '*--prune[Delete live objects that no file declares]' \
                '(--max-deletes)--max-deletes=[Most objects of one kind to delete at once, -1 for any number]:value: ' \
                '(--allow-replace)--allow-replace[Permit deleting an object and creating it anew where it cannot be changed, such as a template]' \
                '(--flow-strategy)--flow-strategy=[How changed steps reach a deployed flow]:value:(in-place replace)' \
                '1:dir:_directories' \
                && return
            ;;
        apply)
            _arguments $global \
                '(--yes -y)--yes[Do not ask]' \
                '(--yes -y)-y[Do not ask]' \
                '(--parallel)--parallel=[Most writes under way at once]:value: ' \
                '(--full)--full[Show long texts whole]' \
                '(--summary)--summary[One line for each object]' \
                '*--prune[Delete live objects that no file declares]' \
                '(--max-deletes)--max-deletes=[Most objects of one kind to delete at once, -1 for any number]:value: ' \
                '(--allow-replace)--allow-replace[Permit deleting an object and creating it anew where it cannot be changed, such as a template]' \
                '(--flow-strategy)--flow-strategy=[How changed steps reach a deployed flow]:value:(in-place replace)' \
                '1:dir:_directories' \
                && return
            ;;
        export)
            _arguments $global \
                '(--to)--to=[Where to write the files]:value:_directories' \
                '(--format)--format=[Form of the files]:value:(cue json yaml)' \
                '1:dir:_directories' \
                && return
            ;;
        sandbox)
            _arguments $global \
                '(--listen)--listen=[Where to listen]:value: ' \
                '(--data)--data=[Keep the state in this file]:value:_files' \
                '(--latency)--latency=[Answer each request this much later]:value: ' \
                '(--seed)--seed=[demo]:value: ' \
                '(--token)--token=[The only token that is accepted]:value: ' \
                && return
            ;;
        schema)
            _arguments $global \
                '(--write -w)--write[Write the schema to cue.mod/pkg of the workspace instead of printing it]' \
                '(--write -w)-w[Write the schema to cue.mod/pkg of the workspace instead of printing it]' \
                '1:dir:_directories' \
                && return
            ;;
        completion)
            _arguments $global \
                '1:shell:(bash zsh fish)' \
                && return
            ;;
        version)
            _arguments $global \
                && return
            ;;
        esac
        ;;
    esac
}

if [[ $funcstack[1] == _mihusync ]]; then _mihusync "$@"; else compdef _mihusync mihusync; fi
