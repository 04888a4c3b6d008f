# bash completion for mihusync

_mihusync() {
    local IFS=$' \t\n' cur prev verb='' count=0 i
    COMPREPLY=()
    cur=${COMP_WORDS[COMP_CWORD]}
    prev=${COMP_WORDS[COMP_CWORD-1]}
    # bash takes --flag=value for three words
    if [[ $cur == = ]]; then cur=''
    elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --only|--except|--tag|-t|--sandbox-data|--base-url|--rps|--allow-host|--color|--log-format|--format|--out|--explain|--max-deletes|--base|--on-conflict|--resend-secrets|--flow-strategy|--policy|--parallel|--verify|--lock-wait|--dir|--to|--git-message|-C|--limit|-n|--plan|--from|--listen|--data|--latency|--seed|--token)
            [[ ${COMP_WORDS[i+1]} == = ]] && ((i++))
            ((i++)) ;;
        -*|=) ;;
        *) if [[ -z $verb ]]; then verb=${COMP_WORDS[i]}; else ((count++)); fi ;;
        esac
    done
    case $verb:$prev in
    validate:--format) _mihusync_words 'text json'; return ;;
    plan:--format) _mihusync_words 'text json markdown html'; return ;;
    plan:--out) _mihusync_paths -f; return ;;
    plan:--explain) return ;;
    plan:--max-deletes) return ;;
    plan:--base) return ;;
    plan:--on-conflict) _mihusync_words 'fail config live'; return ;;
    plan:--resend-secrets) return ;;
    plan:--flow-strategy) _mihusync_words 'in-place replace'; return ;;
    plan:--policy) _mihusync_paths -d; return ;;
    apply:--parallel) return ;;
    apply:--format) _mihusync_words 'text json'; return ;;
    apply:--verify) _mihusync_words 'none changed all'; return ;;
    apply:--max-deletes) return ;;
    apply:--base) return ;;
    apply:--on-conflict) _mihusync_words 'fail config live'; return ;;
    apply:--resend-secrets) return ;;
    apply:--flow-strategy) _mihusync_words 'in-place replace'; return ;;
    apply:--policy) _mihusync_paths -d; return ;;
    apply:--lock-wait) return ;;
    adopt:--dir) _mihusync_paths -d; return ;;
    diff:--format) _mihusync_words 'text json markdown html'; return ;;
    drift:--format) _mihusync_words 'text json'; return ;;
    export:--to) _mihusync_paths -d; return ;;
    export:--format) _mihusync_words 'cue json yaml'; return ;;
    export:--git-message) return ;;
    log:--dir|log:-C) _mihusync_paths -d; return ;;
    log:--limit|log:-n) return ;;
    log:--format) _mihusync_words 'text json markdown'; return ;;
    rollback:--format) _mihusync_words 'text json markdown html'; return ;;
    rollback:--out) _mihusync_paths -f; return ;;
    rollback:--parallel) return ;;
    rollback:--max-deletes) return ;;
    rollback:--on-conflict) _mihusync_words 'fail config live'; return ;;
    rollback:--flow-strategy) _mihusync_words 'in-place replace'; return ;;
    rollback:--policy) _mihusync_paths -d; return ;;
    rollback:--lock-wait) return ;;
    graph:--format) _mihusync_words 'mermaid dot html'; return ;;
    graph:--plan) _mihusync_paths -f; return ;;
    promote:--from) return ;;
    promote:--to) return ;;
    promote:--format) _mihusync_words 'text json markdown html'; return ;;
    promote:--out) _mihusync_paths -f; return ;;
    promote:--parallel) return ;;
    promote:--max-deletes) return ;;
    promote:--flow-strategy) _mihusync_words 'in-place replace'; return ;;
    promote:--policy) _mihusync_paths -d; return ;;
    promote:--lock-wait) return ;;
    sandbox:--listen) return ;;
    sandbox:--data) _mihusync_paths -f; return ;;
    sandbox:--latency) return ;;
    sandbox:--seed) return ;;
    sandbox:--token) return ;;
    *:--only) return ;;
    *:--except) return ;;
    *:--tag|*:-t) return ;;
    *:--sandbox-data) _mihusync_paths -f; return ;;
    *:--base-url) return ;;
    *:--rps) return ;;
    *:--allow-host) return ;;
    *:--color) _mihusync_words 'auto always never'; return ;;
    *:--log-format) _mihusync_words 'text json'; return ;;
    esac
    case $verb in
    '') _mihusync_words 'init validate plan apply adopt diff drift export log rollback graph promote sandbox schema completion version help --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q' ;;
    init)
        if [[ $cur == -* ]]; then _mihusync_words '--help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        if ((count == 0)); then _mihusync_paths -d; fi
        ;;
    validate)
        if [[ $cur == -* ]]; then _mihusync_words '--format --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        if ((count == 0)); then _mihusync_paths -d; fi
        ;;
    plan)
        if [[ $cur == -* ]]; then _mihusync_words '--format --detailed-exitcode --out --explain --full --summary --prune --max-deletes --allow-replace --remove-twins --base --on-conflict --resend-secrets --flow-strategy --policy --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        if ((count == 0)); then _mihusync_paths -d; fi
        ;;
    apply)
        if [[ $cur == -* ]]; then _mihusync_words '--yes -y --resume --parallel --full --summary --format --verify --prune --max-deletes --allow-replace --remove-twins --base --on-conflict --resend-secrets --flow-strategy --policy --lock-wait --break-lock --allow-offline --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        if ((count == 0)); then _mihusync_paths -d; fi
        ;;
    adopt)
        if [[ $cur == -* ]]; then _mihusync_words '--dir --dry-run --full --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        ;;
    diff)
        if [[ $cur == -* ]]; then _mihusync_words '--format --detailed-exitcode --full --summary --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        ;;
    drift)
        if [[ $cur == -* ]]; then _mihusync_words '--format --full --summary --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        if ((count == 0)); then _mihusync_paths -d; fi
        ;;
    export)
        if [[ $cur == -* ]]; then _mihusync_words '--to --format --git --git-message --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        if ((count == 0)); then _mihusync_paths -d; fi
        ;;
    log)
        if [[ $cur == -* ]]; then _mihusync_words '--dir -C --limit -n --format --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        ;;
    rollback)
        if [[ $cur == -* ]]; then _mihusync_words '--yes -y --dry-run --format --out --detailed-exitcode --parallel --full --summary --max-deletes --allow-replace --on-conflict --flow-strategy --policy --lock-wait --break-lock --allow-offline --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        if ((count == 1)); then _mihusync_paths -d; fi
        ;;
    graph)
        if [[ $cur == -* ]]; then _mihusync_words '--format --plan --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        if ((count == 0)); then _mihusync_paths -d; fi
        ;;
    promote)
        if [[ $cur == -* ]]; then _mihusync_words '--from --to --yes -y --dry-run --format --out --detailed-exitcode --parallel --full --summary --prune --max-deletes --allow-replace --flow-strategy --policy --lock-wait --break-lock --allow-offline --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        ;;
    sandbox)
        if [[ $cur == -* ]]; then _mihusync_words '--listen --data --latency --seed --token --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        ;;
    schema)
        if [[ $cur == -* ]]; then _mihusync_words '--write -w --help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        if ((count == 0)); then _mihusync_paths -d; fi
        ;;
    completion)
        if [[ $cur == -* ]]; then _mihusync_words '--help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        if ((count == 0)); then _mihusync_words 'bash zsh fish'; fi
        ;;
    version)
        if [[ $cur == -* ]]; then _mihusync_words '--help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        ;;
    help)
        if [[ $cur == -* ]]; then _mihusync_words '--help -h --version --only --except --tag -t --sandbox --sandbox-data --base-url --rps --allow-host --color --log-format --debug-http --verbose -v --quiet -q'; return; fi
        if ((count == 0)); then _mihusync_words 'init validate plan apply adopt diff drift export log rollback graph promote sandbox schema completion version help'; fi
        ;;
    esac
}

_mihusync_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }

_mihusync_paths() {
    local IFS=$'\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen "$1" -- "$cur"))
}

complete -F _mihusync mihusync
