#compdef mihusync

_mihusync() {
    local curcontext=$curcontext state line
    typeset -A opt_args
    local -a global verbs
    global=(
        '(--help -h)--help[Show help for a command]'
        '(--help -h)-h[Show help for a command]'
        '(--version)--version[Show the version]'
        '*--only=[Only objects with this address]:value: '
        '*--except=[All but objects with this address]:value: '
        '*--tag=[Set a CUE tag]:value: '
        '*-t+[Set a CUE tag]:value: '
        '(--sandbox)--sandbox[Use the embedded Mihu instead of the network]'
        '(--sandbox-data)--sandbox-data=[Where the embedded Mihu keeps its state]:value:_files'
        '(--base-url)--base-url=[Use the server at this address (MIHU_BASE_URL)]:value: '
        '(--rps)--rps=[Most requests a second]:value: '
        '*--allow-host=[Let the files choose this host as their server too (MIHUSYNC_ALLOW_HOSTS)]:value: '
        '(--color)--color=[Colour]:value:(auto always never)'
        '(--log-format)--log-format=[Form of what is told on standard error]:value:(text json)'
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
        'adopt:Write what the live workspace has into the files'
        'diff:Compare two configurations, live workspaces or plans'
        'drift:Show what the live workspace has that the files do not say'
        'export:Write the live workspace to files'
        'log:Show what earlier applies did'
        'rollback:Undo what an earlier apply did'
        'graph:Draw who refers to whom'
        'promote:Move a configuration to another workspace'
        'sandbox:Serve the embedded Mihu over HTTP'
        'schema:Print the CUE schema or refresh it in a workspace'
        'completion:Print the completion script of a shell'
        'version:Print the version'
        'help:Explain a command'
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
                '(--out)--out=[Save the plan for apply FILE]:value:_files' \
                '(--explain)--explain=[Tell where each value of one object comes from]:value: ' \
                '(--full)--full[Show long texts whole]' \
                '(--summary)--summary[One line for each object]' \
                '*--prune[Delete live objects that no file declares]' \
                '(--max-deletes)--max-deletes=[Most objects of one kind to delete at once, -1 for any number]:value: ' \
                '(--allow-replace)--allow-replace[Permit deleting an object and creating it anew where it cannot be changed, such as a template]' \
                '(--remove-twins)--remove-twins[Delete the younger of two equal live objects that one declaration means, and never one that something refers to]' \
                '(--base)--base=[Tell apart what this branch changed since the git revision REV and what drifted in the workspace]:value: ' \
                '(--on-conflict)--on-conflict=[Who wins where the branch and the workspace changed the same field, with --base]:value:(fail config live)' \
                '*--resend-secrets=[Send again the secrets of these objects, which the service never shows]:value: ' \
                '(--flow-strategy)--flow-strategy=[How changed steps reach a deployed flow]:value:(in-place replace)' \
                '(--policy)--policy=[Hold the plan against the CUE policies in this directory]:value:_directories' \
                '1:dir:_directories' \
                && return
            ;;
        apply)
            _arguments $global \
                '(--yes -y)--yes[Do not ask]' \
                '(--yes -y)-y[Do not ask]' \
                '(--resume)--resume[Go on with the last run of this workspace that did not come to its end]' \
                '(--parallel)--parallel=[Most writes under way at once]:value: ' \
                '(--full)--full[Show long texts whole]' \
                '(--summary)--summary[One line for each object]' \
                '(--format)--format=[Form of what was done]:value:(text json)' \
                '(--verify)--verify=[What to compare with the service afterwards]:value:(none changed all)' \
                '*--prune[Delete live objects that no file declares]' \
                '(--max-deletes)--max-deletes=[Most objects of one kind to delete at once, -1 for any number]:value: ' \
                '(--allow-replace)--allow-replace[Permit deleting an object and creating it anew where it cannot be changed, such as a template]' \
                '(--remove-twins)--remove-twins[Delete the younger of two equal live objects that one declaration means, and never one that something refers to]' \
                '(--base)--base=[Tell apart what this branch changed since the git revision REV and what drifted in the workspace]:value: ' \
                '(--on-conflict)--on-conflict=[Who wins where the branch and the workspace changed the same field, with --base]:value:(fail config live)' \
                '*--resend-secrets=[Send again the secrets of these objects, which the service never shows]:value: ' \
                '(--flow-strategy)--flow-strategy=[How changed steps reach a deployed flow]:value:(in-place replace)' \
                '(--policy)--policy=[Hold the plan against the CUE policies in this directory]:value:_directories' \
                '(--lock-wait)--lock-wait=[How long to wait for another apply to the same workspace]:value: ' \
                '(--break-lock)--break-lock[Take the lock of record]' \
                '(--allow-offline)--allow-offline[Apply although the remote of record]' \
                '1:dir:_directories' \
                && return
            ;;
        adopt)
            _arguments $global \
                '(--dir)--dir=[The workspace, or one of its overlays]:value:_directories' \
                '(--dry-run)--dry-run[Show what would be written]' \
                '(--full)--full[Show long texts whole]' \
                '1:address: ' \
                && return
            ;;
        diff)
            _arguments $global \
                '(--format)--format=[Form of the differences]:value:(text json markdown html)' \
                '(--detailed-exitcode)--detailed-exitcode[Exit with 2 when there are differences]' \
                '(--full)--full[Show long texts whole]' \
                '(--summary)--summary[One line for each object]' \
                '1:a: ' \
                '2:b: ' \
                && return
            ;;
        drift)
            _arguments $global \
                '(--format)--format=[Form of the findings]:value:(text json)' \
                '(--full)--full[Show long texts whole]' \
                '(--summary)--summary[One line for each object]' \
                '1:dir:_directories' \
                && return
            ;;
        export)
            _arguments $global \
                '(--to)--to=[Where to write the files]:value:_directories' \
                '(--format)--format=[Form of the files]:value:(cue json yaml)' \
                '(--git)--git[Commit what changed, and nothing else, in the git repository that holds DIR]' \
                '(--git-message)--git-message=[Subject of the commit, with --git]:value: ' \
                '1:dir:_directories' \
                && return
            ;;
        log)
            _arguments $global \
                '(--dir -C)--dir=[The workspace, or one of its overlays]:value:_directories' \
                '(--dir -C)-C+[The workspace, or one of its overlays]:value:_directories' \
                '(--limit -n)--limit=[Most runs to list, the newest first]:value: ' \
                '(--limit -n)-n+[Most runs to list, the newest first]:value: ' \
                '(--format)--format=[Form of the list]:value:(text json markdown)' \
                '1:run: ' \
                && return
            ;;
        rollback)
            _arguments $global \
                '(--yes -y)--yes[Do not ask]' \
                '(--yes -y)-y[Do not ask]' \
                '(--dry-run)--dry-run[Show the plan and stop]' \
                '(--format)--format=[Form of the plan]:value:(text json markdown html)' \
                '(--out)--out=[Save the plan for apply FILE and stop]:value:_files' \
                '(--detailed-exitcode)--detailed-exitcode[Exit with 2 when there are changes, where it stops after the plan]' \
                '(--parallel)--parallel=[Most writes under way at once]:value: ' \
                '(--full)--full[Show long texts whole]' \
                '(--summary)--summary[One line for each object]' \
                '(--max-deletes)--max-deletes=[Most objects of one kind to delete at once, -1 for any number]:value: ' \
                '(--allow-replace)--allow-replace[Permit deleting an object and creating it anew where it cannot be changed, such as a template]' \
                '(--on-conflict)--on-conflict=[Who wins where a value changed since the run]:value:(fail config live)' \
                '(--flow-strategy)--flow-strategy=[How changed steps reach a deployed flow]:value:(in-place replace)' \
                '(--policy)--policy=[Hold the plan against the CUE policies in this directory]:value:_directories' \
                '(--lock-wait)--lock-wait=[How long to wait for another apply to the same workspace]:value: ' \
                '(--break-lock)--break-lock[Take the lock of record]' \
                '(--allow-offline)--allow-offline[Apply although the remote of record]' \
                '1:run: ' \
                '2:dir:_directories' \
                && return
            ;;
        graph)
            _arguments $global \
                '(--format)--format=[Form of the graph]:value:(mermaid dot html)' \
                '(--plan)--plan=[Colour what this saved plan changes]:value:_files' \
                '1:dir:_directories' \
                && return
            ;;
        promote)
            _arguments $global \
                '(--from)--from=[What to promote]:value: ' \
                '(--to)--to=[The workspace to promote to]:value: ' \
                '(--yes -y)--yes[Do not ask]' \
                '(--yes -y)-y[Do not ask]' \
                '(--dry-run)--dry-run[Show the plan and stop]' \
                '(--format)--format=[Form of the plan]:value:(text json markdown html)' \
                '(--out)--out=[Save the plan for apply FILE and stop]:value:_files' \
                '(--detailed-exitcode)--detailed-exitcode[Exit with 2 when there are changes, where it stops after the plan]' \
                '(--parallel)--parallel=[Most writes under way at once]:value: ' \
                '(--full)--full[Show long texts whole]' \
                '(--summary)--summary[One line for each object]' \
                '(--prune)--prune[Delete what the target has and the source has not]' \
                '(--max-deletes)--max-deletes=[Most objects of one kind to delete at once, -1 for any number]:value: ' \
                '(--allow-replace)--allow-replace[Permit deleting an object and creating it anew where it cannot be changed, such as a template]' \
                '(--flow-strategy)--flow-strategy=[How changed steps reach a deployed flow]:value:(in-place replace)' \
                '(--policy)--policy=[Hold the plan against the CUE policies in this directory]:value:_directories' \
                '(--lock-wait)--lock-wait=[How long to wait for another apply to the same workspace]:value: ' \
                '(--break-lock)--break-lock[Take the lock of record]' \
                '(--allow-offline)--allow-offline[Apply although the remote of record]' \
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
        help)
            _arguments $global \
                '1:command:(init validate plan apply adopt diff drift export log rollback graph promote sandbox schema completion version help)' \
                && return
            ;;
        esac
        ;;
    esac
}

if [[ $funcstack[1] == _mihusync ]]; then _mihusync "$@"; else compdef _mihusync mihusync; fi
