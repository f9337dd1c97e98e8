# bash completion for suture(1)

_suture() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= i
  COMPREPLY=()
  if [ "$previous" = --socket ]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --socket) ((i++)) ;;
      -*) ;;
      *)
        command=${COMP_WORDS[i]}
        break
        ;;
    esac
  done
  local words='--help --socket'
  case $command in
    '') words="status check install verify remove history version help $words" ;;
    status | history) words="--json $words" ;;
    install | remove) words="--dry-run --json $words" ;;
  esac
  case $command,$word in
    install,-* | verify,-*) ;;
    install,* | verify,*)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      ;;
  esac
  if [ -z "$command" ] || [[ $word == -* ]] || [ ${#COMPREPLY[@]} = 0 ]; then
    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "$words" -- "$word")
  fi
}

complete -F _suture suture
